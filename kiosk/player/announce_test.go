package player_test

import (
	"testing"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/scene"
)

const announced = "Quầy 3 tạm nghỉ đến 10 giờ 30, mời Ông/Bà sang quầy 4. Lịch tiếp công dân của lãnh đạo chuyển sang chiều thứ Năm, Ông/Bà thông cảm."

// What staff say stands below the slides until its moment, covers nothing, and
// leaves whoever uses the kiosk alone.
func TestAnnouncement(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c)
	before := s.st.Show().Still
	say := func(text string, d time.Duration) {
		s.do(player.Announced{Text: text, Until: s.now.Wall + slides.Millis(d.Milliseconds())})
	}
	serial := s.st.Serial
	say(announced, 10*time.Minute)
	if s.st.Serial == serial || !s.says("Quầy 3 tạm nghỉ") {
		t.Error("not said")
	}
	sc, err := s.st.Show().Still.Compose(1920, 1080, faces(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range sc.Targets {
		if g.Rect.Bottom() > 1080*0.9+0.5 {
			t.Errorf("%s lies below the words: %v", g.Name, g.Rect)
		}
	}
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok && g.Text == "Quầy 3 tạm nghỉ đến 10 giờ 30, mời Ông/Bà sang quầy 4." && g.Ink.Bottom() > 1080 {
			t.Error("off the screen")
		}
	}
	s.touch("")
	serial = s.st.Serial
	if s.view(player.ViewRate); s.says("Quầy 3") {
		t.Error("disturbs who rates")
	}
	if say("Khác", time.Minute); s.st.Serial != serial {
		t.Error("the touch that is under way is void")
	}
	s.touch("back")
	if s.view(player.ViewLoop); !s.says("Khác") {
		t.Error("the words did not wait")
	}
	s.pass(time.Minute)
	if s.says("Khác") || s.st.Show().Still.Key != before.Key {
		t.Error("said for longer than staff wished")
	}
	say("Một", time.Hour)
	if s.do(player.Announced{}); s.says("Một") {
		t.Error("staff can't take it away")
	}
	if say("Cũ", -time.Second); s.says("Cũ") {
		t.Error("said after its time")
	}
	s.close(slides.Closing{}, "07:30", "11:30", "13:30", "17:00")
	s.until("2026-03-20 17:05")
	if say("Đêm", time.Hour); !s.says("Đêm") {
		t.Error("not said on the closed screen")
	}
}
