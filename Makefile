# Một Cửa: `make run` shows it, `make test` proves it, `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8080
DATA ?= .data
TAGS := sqlite_fts5
export GOFLAGS ?= -tags=$(TAGS)
export GOTOOLCHAIN ?= local

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT := mvdan.cc/gofumpt@v0.12.0

WEB := server/studio/web
# What the kiosk loads at run time, and a screen for machines without one.
RUN_PACKAGES := xvfb xauth libgl1 libgl1-mesa-dri libegl1 libgles2 libx11-6 libxcursor1 libxext6 libxi6 libxinerama1 libxrandr2 libxrender1
TEST_PACKAGES := $(RUN_PACKAGES) chromium ffmpeg poppler-utils

# Packages that open a window, or build and run the programs (which the test
# cache does not see): always anew, one at a time, without the race detector (Mesa
# under it is many times slower and the races seen are Mesa's own).
GL := motcua/kiosk/screen motcua/cmd/motcua-kiosk motcua/cmd/motcua-proof motcua/cmd/motcua-proof/e2e

# Pure drawing and reading, no goroutines of their own: the race detector finds
# nothing there and takes minutes over their pixels.
PURE := motcua/slides/review motcua/server/print

.PHONY: help run test lint bench bench-chromium faults kiosk-arm64 assets build need clean

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

need:
	@.ci/need go node cc

run: need build ## build, start the server with the starter content, pair and start one kiosk (PORT=8080 DATA=.data PORTRAIT=)
	@[ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] || .ci/debian $(RUN_PACKAGES)
	@exec .bin/motcua demo -addr :$(PORT) -data $(DATA) -kiosk .bin/motcua-kiosk $(if $(PORTRAIT),-portrait)

build: need assets ## .bin/motcua, .bin/motcua-kiosk, .bin/motcua-proof
	@mkdir -p .bin
	go build -o .bin/motcua ./cmd/motcua
	CGO_ENABLED=0 go build -o .bin/motcua-kiosk ./cmd/motcua-kiosk

assets: $(WEB)/dist/.stamp $(WEB)/dist/kiosk.wasm.gz ## fonts and scripts from npm, under the lock file, and the kiosk for browsers

# The live preview beside a slide's form: built into the server, packed.
$(WEB)/dist/kiosk.wasm.gz: $(WEB)/dist/.stamp go.mod $(shell git ls-files 'cmd/motcua-kiosk/*.go' 'kiosk/*.go' 'slides/*.go' | grep -v _test.go)
	@cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $(WEB)/dist/
	CGO_ENABLED=0 GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o $(WEB)/dist/kiosk.wasm ./cmd/motcua-kiosk
	@gzip -9nc $(WEB)/dist/kiosk.wasm >$@.part && mv $@.part $@ && rm $(WEB)/dist/kiosk.wasm

$(WEB)/dist/.stamp: $(WEB)/package-lock.json $(WEB)/package.json Makefile
	@.ci/need node
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@for w in 400Regular 500Medium 600SemiBold 700Bold 800ExtraBold; do \
	  cp $(WEB)/node_modules/@expo-google-fonts/be-vietnam-pro/$$w/*.ttf slides/fonts/ttf/BeVietnamPro-$${w:0:3}.ttf || exit 1; done
	@for w in 400 500 600 700 800; do for s in latin latin-ext vietnamese; do \
	  cp $(WEB)/node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-$$s-$$w-normal.woff2 $(WEB)/dist/ || exit 1; done; done
	@cp $(WEB)/node_modules/htmx.org/dist/htmx.min.js $(WEB)/dist/htmx.js
	@cp $(WEB)/node_modules/sortablejs/Sortable.min.js $(WEB)/dist/sortable.js
	@cp $(WEB)/node_modules/tus-js-client/dist/tus.min.js $(WEB)/dist/tus.js
	@cp $(WEB)/node_modules/fullcalendar/index.global.min.js $(WEB)/dist/fullcalendar.js
	@cp $(WEB)/node_modules/@fullcalendar/core/locales/vi.global.min.js $(WEB)/dist/fullcalendar-vi.js
	@cp $(WEB)/node_modules/@expo-google-fonts/be-vietnam-pro/LICENSE_FONT slides/fonts/ttf/OFL.txt
	@touch $@

test: need assets ## everything the tests need, then all tests
	@.ci/debian $(TEST_PACKAGES)
	@rest=$$(go list ./... | grep -vxF $(foreach p,$(GL) $(PURE),-e $(p))) && set -o pipefail && \
	  go test -race -timeout 20m $$rest && go test $(PURE) && xvfb-run -a -s "-screen 0 1280x720x24 -nolisten tcp" go test -count=1 -p=1 $(GL)

lint: need assets ## gofumpt, vet, staticcheck, the house rules
	@out=$$(git ls-files '*.go' | xargs go run $(GOFUMPT) -l) && if [ -n "$$out" ]; then echo "gofumpt -w:"; echo "$$out"; exit 1; fi
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./cmd/motcua-kiosk ./kiosk/...
	go run $(STATICCHECK) ./...
	go test -run 'TestHouse|TestKioskHasNoCgo|TestTopLevel' ./cmd/motcua-proof

bench: build ## the promises, measured on this machine, as a table
	go build -o .bin/motcua-proof ./cmd/motcua-proof
	@.ci/debian $(RUN_PACKAGES)
	.bin/motcua-proof bench -server .bin/motcua -kiosk .bin/motcua-kiosk

bench-chromium: build ## the kiosk beside Chromium in kiosk mode: processor, memory, start
	go build -o .bin/motcua-proof ./cmd/motcua-proof
	@.ci/debian $(RUN_PACKAGES) chromium ffmpeg
	.bin/motcua-proof bench-chromium -kiosk .bin/motcua-kiosk

faults: build ## kill -9, power cuts, rot, full disks, jumping clocks: the long version
	go build -o .bin/motcua-proof ./cmd/motcua-proof
	@.ci/debian $(RUN_PACKAGES)
	.bin/motcua-proof faults -server .bin/motcua -kiosk .bin/motcua-kiosk

kiosk-arm64: assets ## .bin/motcua-kiosk-arm64 for a board
	@mkdir -p .bin
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o .bin/motcua-kiosk-arm64 ./cmd/motcua-kiosk

clean: ## what was built and fetched; the data in DATA stay
	rm -rf .bin $(WEB)/node_modules $(WEB)/dist/*.woff2 $(WEB)/dist/*.js $(WEB)/dist/kiosk.wasm.gz $(WEB)/dist/.stamp slides/fonts/ttf/*.ttf
