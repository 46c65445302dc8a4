package player

import (
	"fmt"
	"strings"

	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// ViewSearch is the look-up by typing.
const ViewSearch View = "search"

// searchMost is how many runes a citizen may type.
const searchMost = 60

// search finds procedures while they are typed.
type search struct {
	content *Content
	line    field
	rows    []int // found, the best first
	near    bool  // none has all the words: these have most
	from    int
}

func (search) view() View { return ViewSearch }

func (p search) writing() field { return p.line }

func (p search) held(n *step, name, arg string) bool {
	line, ok := p.line.held(name, arg)
	n.replace(p.find(n, line))
	return ok
}

func (p search) touch(n *step, name, arg string) {
	if line, ok := p.line.touched(name, arg); ok {
		n.replace(p.find(n, line))
		return
	}
	switch i, ok := number(arg); {
	case name == "from" && ok:
		p.from = i
		n.turn(p)
	case name == "procedure" && ok:
		n.openProcedure(p.content, i)
	}
}

// typed takes a real keyboard's key; Enter opens what was found first.
func (p search) typed(n *step, k Key) {
	if k.Enter {
		if len(p.rows) > 0 {
			n.openProcedure(p.content, p.rows[0])
		}
		return
	}
	n.replace(p.find(n, p.line.typed(k)))
}

// find is p with another line and what it finds among the procedures in force.
func (p search) find(n *step, line field) search {
	q := search{content: p.content, line: line}
	if line.String() == p.line.String() {
		q.rows, q.near, q.from = p.rows, p.near, p.from
		return q
	}
	today := n.today()
	for _, h := range p.content.Finder.Search(line.String()) {
		if p.content.Procedures.Procedures[h.Row].ValidOn(today) {
			q.rows = append(q.rows, h.Row)
			q.near = h.Match == catalogue.Near // one is near only where all are
		}
	}
	return q
}

func (p search) likely(s State) []Still {
	if len(p.rows) == 0 {
		return nil
	}
	return []Still{procedure{content: p.content, row: p.rows[0]}.still(s)}
}

func (p search) still(s State) Still {
	s.View = ViewSearch
	// Letters that change nothing of what was found need no other picture.
	lo := min(max(0, p.from-mostRows), len(p.rows))
	hi := min(p.from+mostRows, len(p.rows))
	key := fmt.Sprintf("search\x00%s\x00%s\x00%v\x00%v\x00%d\x00%d\x00%v", s.today(), p.line.board(), p.blank(), p.near, p.from, len(p.rows), p.rows[lo:max(lo, hi)])
	return s.screen(p.content, key, func(c *scene.Canvas) {
		b := c.Body
		b.Y -= c.Px(16)
		b.H += c.Px(16)
		gap := c.Px(24)
		h := c.Px(scene.ButtonH)
		p.line.line(c, scene.Rect{X: b.X, Y: b.Y, W: b.W, H: h}, c.Say("Tên, mã hoặc chữ viết tắt; không cần dấu", "Name, code or abbreviation; marks may be left out"), scene.IconSearch)
		b = b.Below(b.Y + h + gap)
		if c.Portrait || lowerHalf(c) {
			high := min(b.H*0.5, c.Px(670))
			if lowerHalf(c) {
				high = 4*c.Finger + c.Px(40)
			}
			keys := footOf(&b, high, gap)
			p.results(c, b)
			p.line.draw(c, keys)
			return
		}
		left, right := b.Left(min(b.W*0.42, b.W-c.Px(40+900)), c.Px(40)) // ten keys of a finger's width stand in a row
		p.results(c, left)
		p.line.draw(c, right)
	})
}

func (p search) blank() bool { return strings.TrimSpace(p.line.String()) == "" }

// mostRows is more than a leaf holds.
const mostRows = 24

// lowerHalf says that the canvas is the lower half of an upright screen.
func lowerHalf(c *scene.Canvas) bool { return c.Frame.Low && c.W < 1.3*c.H }

// results sets what was found into box under a line that says how much it is.
func (p search) results(c *scene.Canvas, box scene.Rect) {
	col := c.Colors()
	say := ""
	switch n := len(p.rows); {
	case p.blank():
		say = c.Say("Gõ vài chữ, kết quả hiện ra ngay tại đây.\nVí dụ: cap lai giay phep, trợ cấp, 1.014200", "Type a few letters: what fits appears here at once.\nFor example: giay phep, work permit, 1.014200")
	case n == 0:
		say = c.Say("Chưa tìm thấy thủ tục nào. Ông/Bà thử từ khác, hoặc quay lại để chọn theo lĩnh vực.", "Nothing found yet. Try another word, or go back and choose a field.")
	case lowerHalf(c): // every line counts
	case p.near:
		say = c.Say("Không có thủ tục nào đúng hết các từ. Gần giống nhất:", "No procedure has all these words. The nearest:")
	default:
		say = c.Say(fmt.Sprintf("%d thủ tục", n), counted(n, "procedure"))
	}
	st := scene.Style{Weight: scene.Medium, Max: 32, Min: 26, Color: col.Sub, MaxLines: 5, Line: 1.4}
	room := box
	if len(p.rows) > 0 {
		room.H *= 0.5
	}
	if say != "" {
		got := c.Text("search.found", say, st, room)
		box = box.Below(got.Bottom() + c.Px(14))
	}
	if len(p.rows) == 0 {
		return
	}
	n, from, high := len(p.rows), p.from, float32(126)
	if lowerHalf(c) { // no place for leaves: more letters leave fewer
		high = min(high, 1.2*c.Finger/c.U)
		n, from = min(n, max(1, int((box.H+c.Px(20))/(c.Px(high)*c.Frame.Scale+c.Px(20))))), 0
	}
	leafed(c, box, n, from, 1, high, func(i int) scene.Row { return p.content.entry(c, p.rows[i]) })
}
