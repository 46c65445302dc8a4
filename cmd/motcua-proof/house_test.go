package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// listed runs go list over the module in another environment.
func listed(t *testing.T, env []string, patterns ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, patterns...)...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", patterns, err)
	}
	var all []pkg
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// violations finds the imports that the house forbids.
func violations(all []pkg) (bad []string) {
	under := func(p, room string) bool { return p == room || strings.HasPrefix(p, room+"/") }
	for _, p := range all {
		if under(p.ImportPath, "motcua/slides") {
			for _, d := range p.Deps {
				if d == "net/http" || d == "database/sql" || under(d, "github.com/hajimehoshi/ebiten") || under(d, "motcua/server") || under(d, "motcua/kiosk") {
					bad = append(bad, p.ImportPath+" knows technology: "+d)
				}
			}
		}
		for _, d := range p.Deps {
			if under(p.ImportPath, "motcua/server") && under(d, "motcua/kiosk") || under(p.ImportPath, "motcua/kiosk") && under(d, "motcua/server") {
				bad = append(bad, p.ImportPath+" crosses the wire: "+d)
			}
			if under(p.ImportPath, "motcua/cmd") && !under(p.ImportPath, "motcua/cmd/motcua-proof") && under(d, "motcua/kiosk") && slices.ContainsFunc(p.Deps, func(s string) bool { return under(s, "motcua/server") }) {
				bad = append(bad, p.ImportPath+" imports both sides")
				break
			}
		}
		for _, d := range p.Imports {
			if under(d, "github.com/hajimehoshi/ebiten") && p.ImportPath != "motcua/kiosk/screen" {
				bad = append(bad, p.ImportPath+" imports ebiten; only kiosk/screen may")
			}
			if (d == "database/sql" || under(d, "github.com/mattn/go-sqlite3")) && p.ImportPath != "motcua/server/store" {
				bad = append(bad, p.ImportPath+" imports "+d+"; only server/store may")
			}
		}
	}
	return bad
}

func TestHouseImports(t *testing.T) {
	if bad := violations(listed(t, nil, "./...")); len(bad) > 0 {
		t.Errorf("the house rules are broken:\n%s", strings.Join(bad, "\n"))
	}
}

// The rules themselves must be able to fail.
func TestHouseImportsSeesBreaches(t *testing.T) {
	for _, p := range []pkg{
		{ImportPath: "motcua/slides/x", Deps: []string{"net/http"}},
		{ImportPath: "motcua/server/x", Deps: []string{"motcua/kiosk/vault"}},
		{ImportPath: "motcua/kiosk/x", Deps: []string{"motcua/server/store"}},
		{ImportPath: "motcua/kiosk/player", Imports: []string{"github.com/hajimehoshi/ebiten/v2"}},
		{ImportPath: "motcua/server/studio", Imports: []string{"database/sql"}},
		{ImportPath: "motcua/cmd/motcua", Deps: []string{"motcua/kiosk/link", "motcua/server/hub"}},
	} {
		if len(violations([]pkg{p})) != 1 {
			t.Errorf("%s: breach not seen", p.ImportPath)
		}
	}
}

// The kiosk builds without cgo for the boards and browsers it runs on.
func TestKioskHasNoCgo(t *testing.T) {
	for _, target := range [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=linux", "GOARCH=arm64"}, {"GOOS=js", "GOARCH=wasm"}} {
		for _, p := range listed(t, append(target, "CGO_ENABLED=0"), "./cmd/motcua-kiosk", "./kiosk/...") {
			for _, d := range p.Deps {
				if d == "runtime/cgo" || strings.HasPrefix(d, "github.com/mattn/go-sqlite3") {
					t.Errorf("%v: %s needs %s", target, p.ImportPath, d)
				}
			}
		}
	}
}

func TestTopLevelIsTheAgreedSet(t *testing.T) {
	agreed := []string{"cmd", "kiosk", "server", "slides", "migrations", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(agreed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
