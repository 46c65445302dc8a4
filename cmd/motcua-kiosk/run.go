//go:build !js

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/cmd/options"
	"motcua/kiosk/screen"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

// variables prefixes the environment variables of the flags.
const variables = "MOTCUA_KIOSK_"

// errRestart says that the program ends to be started again by its supervisor.
var errRestart = errors.New("restart asked for")

// settings are the command's flags.
type settings struct {
	server, data, shot, size string
	windowed, portrait, calm bool
	demo, verbose            bool
	displayCommand           string
	patience                 time.Duration
	demoForm, demoSlide      string
	w, h                     int
}

func readSettings(args []string, stdout io.Writer) (settings, error) {
	var s settings
	fs := flag.NewFlagSet("motcua-kiosk", flag.ContinueOnError)
	fs.StringVar(&s.server, "server", "", "địa chỉ máy chủ, ví dụ http://192.168.1.10:8080 | the server's address")
	fs.StringVar(&s.data, "data", defaultData(), "thư mục dữ liệu | data folder")
	fs.BoolVar(&s.windowed, "windowed", false, "chạy trong cửa sổ đóng được | in a window that can be closed")
	fs.BoolVar(&s.portrait, "portrait", false, "màn hình dọc | upright screen")
	fs.StringVar(&s.size, "size", "1280x720", "cỡ cửa sổ RỘNGxCAO | size of the window, WxH")
	fs.StringVar(&s.shot, "shot", "", "ghi ảnh màn hình (PNG) vào tệp này mỗi khi đổi, tối đa mỗi giây một lần | keep a screenshot in this file")
	fs.BoolVar(&s.calm, "calm", false, "tắt hiệu ứng chuyển cảnh | reduced motion")
	fs.BoolVar(&s.demo, "demo", false, "chiếu thử nội dung mẫu, không cần máy chủ, không lưu | show the starter content without a server; nothing is kept")
	fs.StringVar(&s.demoForm, "demo-form", "nhanh", "phiếu khảo sát khi chiếu thử: nhanh, rutgon, daydu | questionnaire of the demo")
	fs.StringVar(&s.demoSlide, "demo-slide", "", "chỉ chiếu thử trang này | the demo's only slide")
	fs.StringVar(&s.displayCommand, "display-command", "", "lệnh bật/tắt nguồn màn hình, được thêm on hoặc off; để trống: xset, vcgencmd | command that switches the display, on or off is added; empty: xset, vcgencmd")
	fs.DurationVar(&s.patience, "patience", 20*time.Second, "màn hình đứng yên bao lâu thì ki-ốt tự khắc phục; 0: không | how long the screen may stand still before the kiosk helps itself; 0: never")
	fs.BoolVar(&s.verbose, "verbose", false, "ghi nhật ký chi tiết | log details")
	if err := options.Parse(fs, variables, args, os.Getenv, stdout); err != nil {
		return s, err
	}
	if fs.NArg() > 0 {
		return s, slides.E(slides.Invalid, "motcua-kiosk", fmt.Sprintf("Không hiểu %q; mọi tham số bắt đầu bằng dấu gạch, xem -h.", fs.Arg(0)),
			fmt.Sprintf("%q is not understood; every argument begins with a dash, see -h.", fs.Arg(0)), nil)
	}
	if _, err := fmt.Sscanf(s.size, "%dx%d", &s.w, &s.h); err != nil || s.w < 160 || s.h < 160 || s.w > 16384 || s.h > 16384 {
		return s, slides.E(slides.Invalid, "motcua-kiosk", fmt.Sprintf("Cỡ cửa sổ -size %q không đúng; viết như 1280x720.", s.size),
			fmt.Sprintf("-size %q is not valid; write it like 1280x720.", s.size), nil)
	}
	if s.portrait && s.w > s.h {
		s.w, s.h = s.h, s.w
	}
	if !s.demo && s.server == "" {
		return s, slides.E(slides.Invalid, "motcua-kiosk", "Thiếu -server; viết như -server http://192.168.1.10:8080, hoặc -demo để chiếu thử.",
			"-server is missing; write it like -server http://192.168.1.10:8080, or use -demo.", nil)
	}
	return s, nil
}

func defaultData() string {
	if dir, err := os.UserConfigDir(); err == nil {
		return filepath.Join(dir, "motcua-kiosk")
	}
	return "motcua-kiosk-data"
}

// run is the whole program. It must be called on the main goroutine.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := readSettings(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	level := slog.LevelInfo
	if s.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	v, err := openVault(s)
	if err != nil {
		return err
	}
	defer func() {
		if err := v.Close(); err != nil {
			log.Warn("vault", "err", err)
		}
	}()
	climbed := loadLadder(v)
	safe := climbed.Rung == wire.RungSafe
	o := screen.Options{Title: "Một Cửa", Windowed: s.windowed, W: s.w, H: s.h, Upright: s.portrait, Still: s.calm || safe}
	var k *Kiosk
	o.Resized = func(w, h int) { k.do(func() { k.keepSize(w, h) }) }
	if !s.windowed {
		o.Expect = lastSize(v)
	}
	if !s.demo {
		o.Refit = func() { k.refit() }
	}
	k = NewKiosk(v, o, program(), log)
	k.safe, k.ladder = safe, climbed
	var way *line
	if !s.demo {
		way = newLine(k, s.server, stdout)
		way.displayCommand = s.displayCommand
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return k.Run(ctx) })
	g.Go(func() error { k.Start(); return nil })
	g.Go(func() error { return k.tidy(ctx) })
	g.Go(func() error { return k.panel(ctx, s.displayCommand) })
	// A window may be hidden, and then nothing is drawn; the demo keeps nothing.
	if s.patience > 0 && !s.windowed && !s.demo {
		g.Go(func() error { return k.stay(ctx, climbed, s.patience) })
		defer k.ended(v)
	}
	if s.shot != "" {
		g.Go(func() error { return k.keepShots(ctx, s.shot) })
	}
	if way != nil {
		g.Go(func() error { return way.run(ctx) })
	}
	g.Go(func() error { <-ctx.Done(); k.screen.Stop(); return nil })
	if err = k.screen.Run(); err != nil {
		err = slides.E(slides.Broken, "motcua-kiosk", "Không mở được màn hình; hãy kiểm tra màn hình đã bật và biến DISPLAY (ví dụ DISPLAY=:0), hoặc cài các gói OpenGL/X11 nêu trong README.",
			"The screen can't be opened; check that it is on and that DISPLAY is set (as in DISPLAY=:0), or install the OpenGL and X11 packages that the README names.", err)
	}
	cancel()
	err = errors.Join(err, g.Wait())
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && k.again {
		return errRestart
	}
	return err
}

func openVault(s settings) (*vault.Vault, error) {
	if s.demo {
		return demoVault(s.demoForm, s.demoSlide)
	}
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return nil, slides.E(slides.Invalid, "motcua-kiosk", fmt.Sprintf("Không tạo được thư mục dữ liệu %s; chọn nơi khác bằng -data.", s.data),
			fmt.Sprintf("The data folder %s can't be made; choose another with -data.", s.data), err)
	}
	return vault.OpenFolder(s.data, vault.Options{})
}
