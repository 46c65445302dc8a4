package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/slides"
)

// shelf puts a file of so many bytes into a unit's library.
func shelf(t *testing.T, s *Store, unit, name string, size int) Media {
	t.Helper()
	ctx := context.Background()
	put := func(what string) string {
		return must[slides.BlobRef](t)(s.PutBlob(ctx, "image/png", strings.NewReader(strings.Repeat(what+name, 1+size/len(what+name))), 1<<30)).SHA
	}
	m, again, err := s.AddMedia(ctx, editor, Media{Unit: unit, Kind: PictureMedia, Name: name, Blob: put("whole"), Type: "image/png", Size: int64(size), HD: put("hd"), Thumb: put("thumb"), Source: slides.Sum([]byte(name))})
	if err != nil || again {
		t.Fatal(again, err)
	}
	return m
}

// pictured is a slide that shows a blob.
func pictured(id, sha string) *slides.Slide {
	return &slides.Slide{ID: id, Kind: "image", Topic: "T08", Audience: slides.Public, Title: slides.Vi("Ảnh"), Body: fmt.Appendf(nil, `{"picture":%q,"caption":{"vi":"Ảnh"}}`, sha)}
}

// A file can't be deleted while something shows it; deleted, it can be put back
// for a day; then its bytes go, but never those that an older version of a slide
// still names.
func TestMediaIsKeptWhileUsed(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	ok(t, s.SaveUnit(ctx, editor, Unit{ID: "so", Name: slides.Vi("Sở")}))
	used, old, loose, large := shelf(t, s, "so", "dùng", 100), shelf(t, s, "so", "cũ", 100), shelf(t, s, "so", "thừa", 100), shelf(t, s, "so", "to", 200<<10)
	shared := must[Media](t)(func() (Media, error) { // another unit has the same bytes
		ok(t, s.SaveUnit(ctx, editor, Unit{ID: "ban", Name: slides.Vi("Ban")}))
		m := loose
		m.Unit, m.Thumb = "ban", ""
		m, _, err := s.AddMedia(ctx, editor, m)
		return m, err
	}())
	row := must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", pictured("anh", old.Blob), 0))
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", pictured("anh", used.HD), row.Version))
	uses := must[map[string][]MediaUse](t)(s.MediaUses(ctx, []Media{used, old, loose}))
	if len(uses[used.ID]) != 1 || !uses[used.ID][0].Draft || uses[used.ID][0].Live || len(uses[old.ID]) != 0 {
		t.Fatalf("%+v", uses)
	}
	if err := s.RemoveMedia(ctx, editor, used.ID); slides.KindOf(err) != slides.Conflict {
		t.Fatal("deleted while used:", err)
	}
	for _, m := range []Media{old, loose, large} {
		ok(t, s.RemoveMedia(ctx, editor, m.ID))
	}
	c.advance(23 * time.Hour)
	ok(t, s.Tidy(ctx))
	ok(t, s.RestoreMedia(ctx, editor, loose.ID))
	ok(t, s.RemoveMedia(ctx, editor, loose.ID))
	path := s.blobPath(large.Blob)
	if _, err := os.Stat(path); err != nil {
		t.Fatal("the large one is no file:", err)
	}
	c.advance(2 * time.Hour)
	ok(t, s.Tidy(ctx)) // those that were not put back have had their day
	c.advance(25 * time.Hour)
	ok(t, s.Tidy(ctx))
	there := func(sha string) bool {
		_, err := s.BlobRef(ctx, sha)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	for what, c := range map[string]struct {
		sha  string
		want bool
	}{
		"used": {used.Blob, true}, "used small": {used.Thumb, true}, "an old version's": {old.Blob, true}, "an old version's small": {old.Thumb, false},
		"shared": {loose.Blob, true}, "not shared": {loose.Thumb, false}, "large": {large.Blob, false},
	} {
		if there(c.sha) != c.want {
			t.Errorf("%s: there is %v", what, !c.want)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("the large file stays:", err)
	}
	if _, err := s.Media(ctx, large.ID); slides.KindOf(err) != slides.NotFound {
		t.Error("the row stays:", err)
	}
	if list, n, err := s.MediaList(ctx, MediaFilter{Units: []string{"ban"}, Search: "THUA"}); err != nil || n != 1 || list[0].ID != shared.ID {
		t.Error(list, err)
	}
	must[slides.BlobRef](t)(s.PutBlob(ctx, "image/png", bytes.NewReader(bytes.Repeat([]byte("wholeto"), 1+(200<<10)/7)), 1<<30)) // and comes again
	must[int64](t)(s.VerifyAudit(ctx))
}

// Of several servers one makes an upload ready; one that goes down is followed
// by another, and who brings two down is left alone, in words.
func TestUploadClaims(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	a := openTest(t, dir, c)
	b := openTest(t, dir, c, func(o *Options) { o.Server = "srv-2" })
	ok(t, a.SaveUnit(ctx, editor, Unit{ID: "so", Name: slides.Vi("Sở")}))
	const n = 6
	for i := range n {
		for range 2 { // told twice, it is one
			ok(t, a.QueueUpload(ctx, Upload{ID: fmt.Sprint("u", i), Unit: "so", Actor: editor, Name: `C:\ảnh\` + fmt.Sprint(i)}))
		}
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for _, s := range []*Store{a, b, a, b} {
		all.Go(func() {
			for {
				u, got, err := s.ClaimUpload(ctx, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if !got || err != nil {
					return
				}
				mu.Lock()
				seen[u.ID]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(seen) != n {
		t.Fatal(seen)
	}
	for id, k := range seen {
		if k != 1 {
			t.Errorf("%s was claimed %d times", id, k)
		}
	}
	// All servers went down; two of the uploads go on, the others are claimed again and lost again.
	c.advance(2 * time.Minute)
	u, got, err := a.ClaimUpload(ctx, time.Minute)
	if err != nil || !got || u.Tries != 1 {
		t.Fatal(u, got, err)
	}
	if err := b.Progress(ctx, u.ID, 5, time.Minute); slides.KindOf(err) != slides.Conflict {
		t.Error("another server's progress:", err)
	}
	ok(t, a.Progress(ctx, u.ID, 40, time.Hour))
	if err := b.FailUpload(ctx, u.ID, nil); err != nil {
		t.Fatal(err)
	}
	m := shelf(t, a, "so", "x", 10)
	if kept, again, err := a.FinishUpload(ctx, u, m); err != nil || !again || kept.ID != m.ID {
		t.Fatal(kept, again, err)
	}
	if _, _, err := b.FinishUpload(ctx, u, m); slides.KindOf(err) != slides.Conflict {
		t.Error("finished without a claim:", err)
	}
	for range 2 {
		for got = true; got; {
			if _, got, err = b.ClaimUpload(ctx, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(2 * time.Minute)
	}
	states := map[UploadState]int{}
	for _, u := range must[[]Upload](t)(a.Uploads(ctx, "")) {
		states[u.State]++
		if u.State == UploadFailed && (u.Vi == "" || u.En == "") {
			t.Error("failed without a word")
		}
		if strings.ContainsAny(u.Name, `\:`) {
			t.Error("a path is kept as a name:", u.Name)
		}
	}
	if states[UploadDone] != 1 || states[UploadFailed] != n-1 {
		t.Fatal(states)
	}
	c.advance(8 * 24 * time.Hour)
	ok(t, a.Tidy(ctx))
	if list := must[[]Upload](t)(a.Uploads(ctx, "")); len(list) != 0 {
		t.Fatal(list)
	}
}
