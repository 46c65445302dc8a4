package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
)

// Limits of films and of the process that converts them.
const (
	MaxFilm = 1 << 30 // bytes of an upload: ten minutes as cameras record 1080p

	filmSide = 1920 // kiosks scale films to what they can keep up with: more is never seen
	// longestFilm is what fits MaxFilm of a kiosk in good quality; in a waiting
	// room nobody watches longer.
	longestFilm = 10 * time.Minute
	bestRate    = 6_000_000 // bits a second, above which 1080p gains nothing visible

	childMemory = 3 << 20 // KiB of address space: 4K in, 1080p out needs 1.3 GiB
	childCPU    = 2 * 3600
	childStall  = 90 * time.Second // without any progress it hangs
)

// errNoFFmpeg says that there is nothing to convert with.
func errNoFFmpeg(err error) error {
	return slides.E(slides.Broken, "media.film", "Máy chủ chưa có chương trình ffmpeg nên chưa chuyển được video; hãy cài: apt-get install ffmpeg. Ảnh và ghi âm vẫn dùng được.",
		"This server has no ffmpeg to convert videos with; install it: apt-get install ffmpeg. Pictures and recordings work.", err)
}

func damagedFilm(err error) error {
	return slides.E(slides.Invalid, "media.film", "Không đọc được video này: tệp hỏng, đứt giữa chừng hoặc có mã hóa lạ; hãy xuất lại thành MP4 (H.264).",
		"This video can't be read: it is damaged, broken off or of an unknown coding; export it again as MP4 (H.264).", err)
}

// film is a converted film: H.264 in MP4, silent, at most 1920 a side.
type film struct {
	path   string // in the work folder; the caller removes it
	length time.Duration
	poster []byte // PNG
}

// child is a command that may use memory, time and disk only within limits, at
// the lowest priority, and that dies with this process. The shell sets the
// limits of itself and becomes the program.
func child(ctx context.Context, program string, fileMax int64, args ...string) *exec.Cmd {
	script := fmt.Sprintf("ulimit -v %d; ulimit -t %d; ulimit -f %d; ulimit -c 0; exec nice -n 15 \"$0\" \"$@\"", childMemory, childCPU, fileMax/512+1)
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script, program}, args...)...)
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/bin:/bin"}
	cmd.WaitDelay = 5 * time.Second
	dieWithParent(cmd)
	return cmd
}

// tail keeps the end of what a program says, for the log.
type tail struct{ b []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if len(t.b) > 4096 {
		t.b = t.b[len(t.b)-4096:]
	}
	return len(b), nil
}

func (t *tail) join(err error) error {
	if s := strings.TrimSpace(string(t.b)); s != "" {
		return fmt.Errorf("%w: %s", err, s)
	}
	return err
}

// run runs a child to its end. The thread stays this goroutine's: on Linux the
// child dies with the thread that made it.
func run(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var out bytes.Buffer
	var said tail
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, said.join(err)
	}
	return out.Bytes(), nil
}

// probed is what ffprobe says of a file.
type probed struct {
	Streams []probedStream
	Format  struct{ Duration string }
}

type probedStream struct {
	Kind          string `json:"codec_type"`
	Width, Height int
	Duration      string
	Disposition   struct {
		Picture int `json:"attached_pic"` // a cover, not a film
	}
}

func (c *converter) probe(ctx context.Context, in, demuxer string) (time.Duration, error) {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	b, err := run(child(ctx, c.ffprobe, 0, "-v", "error", "-protocol_whitelist", "file", "-f", demuxer,
		"-show_entries", "stream=codec_type,width,height,duration:stream_disposition=attached_pic:format=duration", "-of", "json", "file:"+in))
	if err != nil {
		return 0, damagedFilm(err)
	}
	var p probed
	if err := json.Unmarshal(b, &p); err != nil {
		return 0, damagedFilm(err)
	}
	at := slices.IndexFunc(p.Streams, func(s probedStream) bool { return s.Kind == "video" && s.Disposition.Picture == 0 })
	if at < 0 && len(p.Streams) == 0 {
		return 0, damagedFilm(errors.New("no streams"))
	}
	if at < 0 {
		return 0, slides.E(slides.Invalid, "media.film", "Tệp này chỉ có tiếng, không có hình.", "This file has sound only, no picture.", nil)
	}
	s := p.Streams[at]
	if s.Width*s.Height > 8192*4320 {
		return 0, slides.E(slides.TooLarge, "media.film", fmt.Sprintf("Video %d×%d quá lớn; hãy xuất lại ở 4K hoặc nhỏ hơn.", s.Width, s.Height), fmt.Sprintf("A video of %d×%d is too large; export it at 4K or less.", s.Width, s.Height), nil)
	}
	secs, err := strconv.ParseFloat(p.Format.Duration, 64)
	if err != nil {
		secs, err = strconv.ParseFloat(s.Duration, 64)
	}
	if err != nil || math.IsNaN(secs) || secs < 0 || secs > 1e6 {
		secs = 0 // browsers' recordings tell none: progress then shows only that it goes on
	}
	long := time.Duration(secs * float64(time.Second))
	if long > longestFilm {
		return 0, slides.E(slides.TooLarge, "media.film", fmt.Sprintf("Video dài %.0f phút; tối đa %.0f phút. Hãy cắt ngắn.", long.Minutes(), longestFilm.Minutes()),
			fmt.Sprintf("The video is %.0f minutes long; %.0f at most. Shorten it.", long.Minutes(), longestFilm.Minutes()), nil)
	}
	return long, nil
}

// converter runs ffmpeg, and ends it after stall without any progress.
type converter struct {
	ffmpeg, ffprobe, dir string
	stall                time.Duration
}

func newConverter(dir string) (*converter, error) {
	c := &converter{dir: dir, stall: childStall}
	var err error
	if c.ffmpeg, err = exec.LookPath("ffmpeg"); err != nil {
		return nil, errNoFFmpeg(err)
	}
	if c.ffprobe, err = exec.LookPath("ffprobe"); err != nil {
		return nil, errNoFFmpeg(err)
	}
	return c, nil
}

// convert makes a film that every kiosk can play; progress gets 0 to 100. What
// it leaves behind when it fails is in dir, which the caller clears. Kinds:
// Invalid, TooLarge, Broken.
func (c *converter) convert(ctx context.Context, in, demuxer string, progress func(pct int)) (film, error) {
	long, err := c.probe(ctx, in, demuxer)
	if err != nil {
		return film{}, err
	}
	f := film{path: filepath.Join(c.dir, "film.mp4")}
	rate := bestRate
	if long > 0 { // the whole must fit what a kiosk takes
		rate = min(rate, int(float64(kinds.MaxFilm)*8*0.9/long.Seconds()))
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cmd := child(ctx, c.ffmpeg, kinds.MaxFilm+1, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-threads", "2",
		"-protocol_whitelist", "file", "-f", demuxer, "-i", "file:"+in,
		"-map", "0:v:0", "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-t", strconv.Itoa(int(longestFilm.Seconds())),
		"-vf", fmt.Sprintf("scale=w='min(%d,iw)':h='min(%d,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1,fps=fps='min(30,source_fps)',format=yuv420p", filmSide, filmSide),
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-maxrate", strconv.Itoa(rate), "-bufsize", strconv.Itoa(2*rate), "-x264-params", "threads=2",
		"-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mp4", "-progress", "pipe:1", "file:"+f.path)
	if err := c.watch(cmd, stop, long, progress); err != nil {
		if ctx.Err() != nil && context.Cause(ctx) == errStalled {
			return film{}, slides.E(slides.Broken, "media.film", "Chuyển video bị đứng nên đã dừng; hãy xuất lại thành MP4 (H.264) rồi tải lên lần nữa.",
				"The conversion stood still and was ended; export the video again as MP4 (H.264) and upload that.", errors.Join(errStalled, err))
		} else if ctx.Err() != nil {
			return film{}, ctx.Err()
		}
		return film{}, damagedFilm(err)
	}
	return f, c.check(ctx, &f, long)
}

// check looks at what came out: its container whole, its size, a poster.
func (c *converter) check(ctx context.Context, f *film, long time.Duration) error {
	file, err := os.Open(f.path)
	if err != nil {
		return damagedFilm(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() > kinds.MaxFilm {
		return slides.E(slides.TooLarge, "media.film", fmt.Sprintf("Video sau khi chuyển vẫn lớn hơn %d MiB; hãy cắt ngắn.", kinds.MaxFilm>>20), fmt.Sprintf("Converted, the video is still over %d MiB; shorten it.", kinds.MaxFilm>>20), nil)
	}
	if _, err := kinds.CheckFilm(file, info.Size()); err != nil {
		return damagedFilm(err)
	}
	if f.length, err = c.probe(ctx, f.path, "mov"); err != nil {
		return err
	}
	// A second in, most films have faded in.
	at := min(time.Second, f.length/2)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	f.poster, err = run(child(ctx, c.ffmpeg, 64<<20, "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file", "-f", "mov",
		"-ss", fmt.Sprintf("%.3f", at.Seconds()), "-i", "file:"+f.path, "-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "pipe:1"))
	if err != nil {
		return damagedFilm(err)
	}
	return nil
}

var errStalled = errors.New("media: ffmpeg makes no progress")

// watch runs the conversion, reads its progress and ends it when it stalls.
func (c *converter) watch(cmd *exec.Cmd, stop context.CancelCauseFunc, long time.Duration, progress func(int)) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var said tail
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	stalled := time.AfterFunc(c.stall, func() { stop(errStalled) })
	defer stalled.Stop()
	var at, last int64
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		k, v, _ := strings.Cut(lines.Text(), "=")
		if k != "out_time_us" {
			continue
		}
		if at, _ = strconv.ParseInt(v, 10, 64); at > last { // "N/A" is 0: nothing yet
			last = at
			stalled.Reset(c.stall)
			if long > 0 {
				progress(int(min(99, 100*at/max(1, long.Microseconds()))))
			}
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, os.ErrClosed) && !errors.Is(err, io.EOF) {
		return errors.Join(err, cmd.Wait())
	}
	if err := cmd.Wait(); err != nil {
		return said.join(err)
	}
	return nil
}
