package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/server/opening"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/starter"
)

var demoCommand = command{
	name: "demo", args: "[-addr :8080] [-data DIR] [-kiosk FILE]",
	vi: "chạy máy chủ với nội dung khởi đầu và một ki-ốt đã ghép nối (make run)", en: "runs the server with the starter content and one paired kiosk (make run)",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		o := serveOptions{}
		o.register(fs)
		kiosk := fs.String("kiosk", "motcua-kiosk", "chương trình ki-ốt / the kiosk program")
		portrait := fs.Bool("portrait", false, "màn hình dọc / a portrait screen")
		return func(ctx context.Context, rest []string, stdout, stderr io.Writer) error {
			if err := needArgs(rest, 0, "motcua demo [-addr :8080] [-data DIR] [-kiosk FILE]"); err != nil {
				return err
			}
			return demo(ctx, o, *kiosk, *portrait, stdout, stderr)
		}
	},
}

// demo runs server and kiosk together until ctx ends or the kiosk is closed.
func demo(ctx context.Context, o serveOptions, kiosk string, portrait bool, stdout, stderr io.Writer) error {
	program, err := exec.LookPath(kiosk)
	if err != nil {
		return slides.E(slides.NotFound, "demo", fmt.Sprintf("Không thấy chương trình ki-ốt %s; chạy make build.", kiosk), fmt.Sprintf("The kiosk program %s is not there; run make build.", kiosk), err)
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return slides.E(slides.Broken, "demo", "Không tạo được thư mục dữ liệu "+o.data+".", "The data folder "+o.data+" can't be made.", err)
	}
	// The parts' logs go to files: what a newcomer must read stays on the screen.
	logs, err := os.OpenFile(filepath.Join(o.data, "server.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return slides.E(slides.Broken, "demo", "Không ghi được nhật ký.", "The log can't be written.", err)
	}
	defer logs.Close()
	log, err := o.logger(logs)
	if err != nil {
		return err
	}
	kioskData := filepath.Join(o.data, "kiosk")
	o.data = filepath.Join(o.data, "server")
	s, err := open(ctx, o, log)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := opening.Load(ctx, s.store)
	if err != nil {
		return err
	}
	log.Info("starter content", "added", r.Added, "kept", r.Kept, "revision", r.Revision)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.run(ctx) })
	g.Go(func() error {
		defer cancel() // a closed kiosk window ends the demo
		return runKiosk(ctx, s, program, kioskData, portrait, stdout, log)
	})
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	fmt.Fprintln(stdout, "\nĐã dừng; dữ liệu được giữ, chạy lại make run để tiếp tục. / Stopped; the data are kept, make run goes on.")
	return err
}

// runKiosk starts the kiosk, on a screen of its own where there is none,
// approves its pairing, and says what to do next.
func runKiosk(ctx context.Context, s *server, program, data string, portrait bool, stdout io.Writer, log *slog.Logger) error {
	logFile, err := os.OpenFile(data+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return slides.E(slides.Broken, "demo", "Không ghi được nhật ký ki-ốt.", "The kiosk's log can't be written.", err)
	}
	defer logFile.Close()

	shot := data + ".png"
	if abs, err := filepath.Abs(shot); err == nil {
		shot = abs // a newcomer may be in another folder by then
	}
	server := localURL(s.lis.Addr(), s.tls)
	args := []string{"-server", server, "-data", data, "-shot", shot, "-windowed"}
	if portrait {
		args = append(args, "-portrait")
	}
	env := os.Environ()
	headless := os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == ""
	if headless {
		screen, display, err := startXvfb(ctx, portrait)
		if err != nil {
			return err
		}
		defer stop(screen)
		env = append(env, "DISPLAY="+display)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = env
	cmd.Stderr = logFile
	// A Ctrl-C in the terminal goes to every process of its group: the kiosk is
	// stopped by us, in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return slides.E(slides.Broken, "demo", "Không chạy được ki-ốt.", "The kiosk can't be started.", err)
	}
	defer stop(cmd)

	var once sync.Once
	announce := func() { once.Do(func() { say(ctx, s, stdout, shot, headless) }) }
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	var ended error
	for {
		select {
		case <-ctx.Done():
			stop(cmd)
			for range lines { // the reader must not hang on a full channel
			}
			return nil
		case line, ok := <-lines:
			if !ok {
				ended = cmd.Wait()
				if ended != nil && ctx.Err() == nil {
					return slides.E(slides.Broken, "demo", fmt.Sprintf("Ki-ốt đã dừng; xem %s.log.", data), fmt.Sprintf("The kiosk has stopped; see %s.log.", data), ended)
				}
				return nil
			}
			// The kiosk prints "pair-code: K7M2QX" while it waits, "paired" once it has an identity.
			if code, ok := strings.CutPrefix(line, "pair-code: "); ok {
				if err := approve(ctx, s.store, code); err != nil {
					log.Error("approving the demo's kiosk", "err", err)
				}
			}
			if line == "paired" {
				announce()
			}
		}
	}
}

// approve makes the demo's own kiosk a kiosk, as staff would.
func approve(ctx context.Context, st *store.Store, code string) error {
	all, err := st.Kiosks(ctx, "")
	if err != nil {
		return err
	}
	content, err := starter.Load()
	if err != nil {
		return err
	}
	a := store.Approval{Code: code, KioskEdit: store.KioskEdit{Name: "Ki-ốt sảnh", Unit: content.Office.KioskUnit, Lang: "vi", Audience: slides.Public}}
	if len(all) > 0 {
		a.Kiosk = all[0].ID // its folder was lost: the same kiosk again
		a.KioskEdit = all[0].Edit()
	}
	_, err = st.ApprovePairing(ctx, store.Actor{Name: "make run"}, a)
	return err
}

// say prints what a newcomer needs.
func say(ctx context.Context, s *server, out io.Writer, shot string, headless bool) {
	fmt.Fprintf(out, "\nMột Cửa đang chạy. / Một Cửa is running.\n\nStudio: %s/studio/\n", s.url)
	if err := s.printSetup(ctx, out); err != nil {
		fmt.Fprintln(out, slides.Sentence(err, "vi"))
	}
	if headless {
		fmt.Fprintf(out, "\nKhông có màn hình: ki-ốt chạy trên màn hình ảo; ảnh trực tiếp: %s\n(cũng xem được trong Studio, mục Ki-ốt)\nNo display: the kiosk runs on a virtual one; its live screenshot: %s\n(also in the studio under Ki-ốt)\n", shot, shot)
	} else {
		fmt.Fprint(out, "\nChạm (bấm chuột) vào cửa sổ ki-ốt để đánh giá.\nTouch (click) the kiosk's window to rate.\n")
	}
	fmt.Fprint(out, "\nViệc tiếp theo / Next:\n  1. Mở liên kết đăng nhập lần đầu, đặt mật khẩu. / Open the first sign-in, choose a password.\n  2. Trang trình chiếu: sửa một trang rồi bấm Phát. / Slides: change one and publish it.\n  3. Đánh giá trên ki-ốt, xem kết quả ở Thống kê. / Rate on the kiosk, see Statistics.\nCtrl-C để dừng. / Ctrl-C stops all.\n")
}

// startXvfb starts a virtual screen and returns it with its display's name.
func startXvfb(ctx context.Context, portrait bool) (*exec.Cmd, string, error) {
	size := "1920x1080x24"
	if portrait {
		size = "1080x1920x24"
	}
	fail := func(err error) (*exec.Cmd, string, error) {
		return nil, "", slides.E(slides.Broken, "demo", "Không chạy được màn hình ảo Xvfb; cài bằng: apt-get install xvfb libgl1 libegl1.",
			"The virtual screen Xvfb can't be started; install it: apt-get install xvfb libgl1 libegl1.", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fail(err)
	}
	defer r.Close()
	// -displayfd picks a free number and writes it once the screen is ready.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		w.Close()
		return fail(err)
	}
	w.Close()
	number := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		if err != nil {
			line = ""
		}
		number <- strings.TrimSpace(line)
	}()
	select {
	case n := <-number:
		if n == "" {
			stop(cmd)
			return fail(errors.New("no display number"))
		}
		return cmd, ":" + n, nil
	case <-time.After(20 * time.Second):
		stop(cmd)
		return fail(errors.New("not ready within 20 s"))
	case <-ctx.Done():
		stop(cmd)
		return nil, "", ctx.Err()
	}
}

// stop ends a process we started: asked first, made to after ten seconds.
func stop(cmd *exec.Cmd) {
	if cmd.Process == nil || cmd.ProcessState != nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	done := make(chan struct{})
	go func() {
		_, _ = cmd.Process.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		<-done
	}
}
