package studio

import (
	"context"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"motcua/slides"
)

// A recording is placed on a screen in a language, heard, published to kiosks,
// and taken out; what is no recording is refused in words.
func TestVoices(t *testing.T) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed (apt-get install ffmpeg)")
	}
	tone, err := exec.Command(path, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "libopus", "-f", "ogg", "pipe:1").Output()
	if err != nil {
		t.Skip("this ffmpeg makes no Opus: ", err)
	}
	o := newOffice(t).enter().stock()
	ctx := context.Background()
	send := func(of, lang string, file []byte) answer {
		t.Helper()
		v := o.get("/studio/voices").is(http.StatusOK).form("/studio/voices", "do=save")
		v.Set("of", of)
		v.Set("lang", lang)
		return o.upload("/studio/voices", v, "file", file)
	}
	send("home", "vi", []byte("<svg/>")).is(http.StatusUnprocessableEntity).has("Không nhận ảnh SVG")
	send("home", "vi", tone[:len(tone)/2]).is(http.StatusUnprocessableEntity).has("đứt giữa chừng")
	send("home", "vi", pngOf(t, 4, 4)).is(http.StatusUnprocessableEntity).has("OGG hoặc MP3")
	send("khong-co", "vi", tone).is(http.StatusUnprocessableEntity).has("Hãy chọn màn hình")
	send("home", "vi", nil).is(http.StatusUnprocessableEntity).has("Hãy chọn một tệp")
	send("home", "vi", tone).is(http.StatusSeeOther)
	send("question:nhanh:hai-long", "en", tone) // the question may be called otherwise: the answer says so
	look, _, err := o.store.Look(ctx)
	if err != nil || len(look.Audio) == 0 || look.Audio[0].Of != "home" || look.Audio[0].Blob != slides.Sum(tone) {
		t.Fatalf("%+v %v", look.Audio, err)
	}
	a := o.get("/studio/voices").has("có thay đổi chưa phát hành"[3:])
	if !strings.Contains(a.body, `src="/studio/voices/`+slides.Sum(tone)) {
		t.Error("it can't be heard")
	}
	if a := o.get("/studio/voices/" + slides.Sum(tone)).is(http.StatusOK); a.header.Get("Content-Type") != "audio/ogg" || a.body != string(tone) {
		t.Error(a.header)
	}
	o.get("/studio/voices/" + slides.Sum([]byte("x"))).is(http.StatusNotFound)
	// It stands in the library, where it can't be deleted while the look names it.
	list, err := o.store.Uploads(ctx, "")
	if err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	o.get("/studio/media?kind=sound").has("anh.png", "0:01")
	o.post("/studio/voices/remove", url.Values{"of": {"home"}, "lang": {"vi"}, "base": {"0"}}).is(http.StatusConflict)
	v := o.get("/studio/voices").form("/studio/voices/remove", "do=remove")
	o.post("/studio/voices/remove", v).is(http.StatusSeeOther)
	if look, _, err := o.store.Look(ctx); err != nil || len(look.Audio) > 0 && look.Audio[0].Of == "home" {
		t.Fatalf("%+v %v", look.Audio, err)
	}
}
