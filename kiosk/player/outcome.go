package player

import (
	"fmt"
	"time"

	"motcua/slides/scene"
)

// Views of how a rating ended.
const (
	ViewThanks  View = "thanks"  // only after Saved
	ViewRefused View = "refused" // could not be stored, in words
)

// thanks is only ever shown after the rating is on the disk.
type thanks struct{ content *Content }

func (thanks) view() View                  { return ViewThanks }
func (thanks) touch(*step, string, string) {}
func (thanks) back(n *step)                { n.home() }
func (thanks) likely(s State) []Still      { return []Still{s.slide(s.Content, s.Showing.Slide)} }
func (thanks) closing()                    {}

func (p thanks) still(s State) Still {
	s.View = ViewThanks // drawn ahead, too
	return s.screen(p.content, "thanks", func(cv *scene.Canvas) {
		said(cv, scene.IconCheck, cv.Theme.Leaf, cv.Say("Cảm ơn Ông/Bà!", "Thank you!"),
			cv.Say("Đánh giá đã được lưu. Không lưu tên, số điện thoại.", "Your rating is stored. No name or phone number is kept."))
	})
}

// refusal says what happened to a rating that was not thanked for: there was no
// space (full), the store did not answer in time (unsure), or it failed.
type refusal struct {
	content      *Content
	full, unsure bool
	letter       bool // and not a rating
}

func (refusal) view() View                  { return ViewRefused }
func (refusal) touch(*step, string, string) {}
func (refusal) back(n *step)                { n.home() }
func (refusal) likely(s State) []Still      { return []Still{s.slide(s.Content, s.Showing.Slide)} }
func (refusal) closing()                    {}

func (p refusal) still(s State) Still {
	key := fmt.Sprintf("refused\x00%v\x00%v\x00%v", p.full, p.unsure, p.letter)
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		title := cv.Say("Chưa lưu được đánh giá", "Your rating could not be stored")
		if p.letter {
			title = cv.Say("Chưa lưu được ý kiến", "Your letter could not be stored")
		}
		text := cv.Say("Máy gặp lỗi khi lưu nên không giữ lại gì. Xin Ông/Bà báo giúp cán bộ tại quầy, hoặc thử lại sau.",
			"The screen met a fault while storing, and kept nothing. Please tell the staff at the desk, or try again later.")
		switch {
		case p.unsure:
			title = cv.Say("Chưa xác nhận được việc lưu", "We can't confirm that it is stored")
			text = cv.Say("Máy lưu quá chậm nên chưa biết đã giữ được hay chưa. Xin Ông/Bà báo giúp cán bộ tại quầy.",
				"Storing takes too long, so we can't tell yet whether it is kept. Please tell the staff at the desk.")
		case p.full:
			text = cv.Say("Máy đã hết chỗ lưu nên không giữ lại gì. Xin Ông/Bà báo giúp cán bộ tại quầy.",
				"There is no space left, so nothing was kept. Please tell the staff at the desk.")
		}
		said(cv, scene.IconAlert, cv.Theme.Faces[1], title, text)
	})
}

// end closes what the citizen did with one last page, which stays for a while.
func (n *step) end(p page, stay time.Duration) {
	n.pages = []page{p}
	n.enter(p.view(), stay)
}

// outcome takes what became of save id: the one that the screen waits for, or
// the one that it could not confirm in time and still says so. p is the page
// to end with.
func (n *step) outcome(id uint64, stay time.Duration, p page) {
	last, _ := n.page().(refusal)
	late := id == n.unsure && last.unsure
	if id == 0 || id != n.Saving && !late {
		return
	}
	n.Saving, n.unsure = 0, 0
	n.end(p, stay)
}
