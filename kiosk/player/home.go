package player

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"unicode"

	domain "motcua/slides"
	"motcua/slides/scene"
	"motcua/slides/wire"
)

// ViewHome is the screen of four tiles.
const ViewHome View = "home"

// offer is how a tile looks, when it is there, and what it opens.
type offer struct {
	title, text domain.Text
	icon        scene.Icon
	ground, ink func(scene.Theme) color.NRGBA
	serves      func(s *State) bool
	open        func(n *step)
	first       func(s State) []Still // what opens, to be drawn ahead
}

func white(scene.Theme) color.NRGBA { return color.NRGBA{255, 255, 255, 255} }

// offers say what each tile is.
var offers = map[domain.Tile]offer{
	domain.TileRate: {
		title: domain.Text{"vi": "Đánh giá", "en": "Rate"}, text: domain.Text{"vi": "Việc phục vụ hôm nay", "en": "How you were served today"},
		icon: scene.IconSmile, ground: func(t scene.Theme) color.NRGBA { return t.Son.NRGBA() }, ink: white,
		serves: func(s *State) bool { return len(s.Content.Surveys) > 0 },
		open:   (*step).beginRating,
		first:  func(s State) []Still { return s.likelyRating() },
	},
	domain.TileLookup: {
		title: domain.Text{"vi": "Tra cứu thủ tục", "en": "Find a procedure"}, text: domain.Text{"vi": "Giấy tờ, thời hạn, nơi nộp", "en": "Papers, time, where to apply"},
		icon: scene.IconSearch, ground: func(t scene.Theme) color.NRGBA { return t.Indigo.NRGBA() }, ink: white,
		serves: func(s *State) bool { return s.Content.serves(s.today()) },
		open:   func(n *step) { n.open(n.lookup()) },
		first:  func(s State) []Still { return []Still{s.lookup().still(s)} },
	},
	domain.TileGuides: {
		title: domain.Text{"vi": "Nộp trực tuyến", "en": "Apply online"}, text: domain.Text{"vi": "Hướng dẫn từng bước, mã QR", "en": "Step by step, QR codes"},
		icon: scene.IconQR, ground: func(t scene.Theme) color.NRGBA { return t.Leaf.NRGBA() }, ink: white,
		serves: func(s *State) bool { return len(s.guides()) > 0 },
		open:   func(n *step) { n.open(guides{content: n.Content, ids: n.guides()}) },
		first:  func(s State) []Still { return []Still{guides{content: s.Content, ids: s.guides()}.still(s)} },
	},
	domain.TileSuggest: {
		title: domain.Text{"vi": "Góp ý, phản ánh", "en": "Suggest or report"}, text: domain.Text{"vi": "Ý kiến, câu hỏi, lời khen", "en": "Ideas, questions, praise"},
		icon: scene.IconTalk, ground: func(t scene.Theme) color.NRGBA { return t.Gold.NRGBA() }, ink: func(t scene.Theme) color.NRGBA { return t.OnGold.NRGBA() },
		serves: letterTile,
		open:   func(n *step) { n.open(which{n.newNote()}) },
		first:  func(s State) []Still { return []Still{which{s.newNote()}.still(s)} },
	},
}

// tiles are those that the kiosk's settings name and its content serves.
func (s *State) tiles() []domain.Tile {
	if s.Content == nil {
		return nil
	}
	list := s.Place.Terminal.Tiles
	if len(list) == 0 {
		list = domain.Tiles
		if s.Place.Terminal.AtDesk {
			list = []domain.Tile{domain.TileRate} // a counter's screen is for the rating unless staff say otherwise
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(t domain.Tile) bool {
		o, ok := offers[t]
		return !ok || !o.serves(s)
	})
}

// wake is what a touch on a slide does: the only thing on offer opens at once,
// several are laid out.
func (n *step) wake() {
	switch tiles := n.tiles(); len(tiles) {
	case 0:
	case 1:
		offers[tiles[0]].open(n)
	default:
		n.open(n.greeting())
	}
}

// greeting is the home screen for who touches what shows now.
func (s *State) greeting() home {
	if s.View != ViewLoop || s.Showing.Slide == "" {
		return home{}
	}
	return home{useful: usefulSlide(s.Content, s.Showing.Slide)}
}

// home is what a touch on the slides opens. It asks whether the slide that was
// touched was useful: on the slides themselves nothing stands in the way.
type home struct{ useful useful }

func (home) view() View { return ViewHome }

func (p home) touch(n *step, name, arg string) {
	if u, ok := p.useful.touched(n, name, arg); ok {
		p.useful = u
		n.replace(p)
	}
	if name == "phone" && n.form() != nil {
		n.openPhone(wire.ToRate)
	}
	if name == "tile" && slices.Contains(n.tiles(), domain.Tile(arg)) {
		offers[domain.Tile(arg)].open(n)
	}
}

// typed begins the rating of a dossier whose code is scanned here: a scanner
// types, and nothing else is typed at this screen.
func (home) typed(n *step, k Key) {
	if !n.Place.Terminal.Dossier || n.form() == nil || !slices.Contains(n.tiles(), domain.TileRate) || !strings.ContainsFunc(k.Text, isCode) {
		return
	}
	n.beginRating()
	n.page().(whichDossier).typed(n, k)
}

// isCode says whether a dossier's code may begin with r.
func isCode(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

func (home) likely(s State) []Still {
	var out []Still
	for _, t := range s.tiles() {
		if list := offers[t].first(s); len(list) > 0 {
			out = append(out, list[0])
		}
	}
	return out
}

func (p home) still(s State) Still {
	s.View = ViewHome // drawn ahead, too
	tiles := s.tiles()
	phone := s.phones() && s.form() != nil
	key := fmt.Sprint("home\x00", phone, "\x00", p.useful.key())
	for _, t := range tiles {
		key += "\x00" + string(t)
	}
	return s.screen(s.Content, key, func(c *scene.Canvas) {
		title := c.Say("Xin chào!\nÔng/Bà cần gì ạ?", "Hello!\nWhat can we do for you?")
		if !c.Portrait {
			title = strings.ReplaceAll(title, "\n", " ")
		}
		c.Title("home", title, "")
		// The tiles come first: where large letters leave them little, the question gives way.
		foot, row := c.Body, c.Px(scene.ButtonH+28)
		asks := p.useful.asks() && c.Body.H-row >= c.Px(360)
		if asks || phone {
			foot = footOf(&c.Body, c.Px(scene.ButtonH), c.Px(28))
		}
		if phone {
			b := phoneButton(c)
			at := foot
			if c.Portrait && asks {
				at = footOf(&c.Body, c.Px(scene.ButtonH), c.Px(28))
			}
			release := held(c)
			at.W = min(at.W*0.62, c.ButtonWidth(b))
			if !c.Portrait {
				at.W = min(at.W, foot.W*0.38)
			}
			c.Button(b, at)
			release()
		}
		if asks {
			if !c.Portrait {
				foot.X += foot.W * 0.4
				foot.W *= 0.6
			}
			p.useful.draw(c, foot, "Trang vừa xem\ncó hữu ích không?", "Was the page you saw\nuseful?")
		}
		cells := grille(c.Body, len(tiles), c.Portrait, c.Px(32), c.Px(480))
		for i, t := range tiles {
			o := offers[t]
			c.Tile(scene.Tile{Name: "tile:" + string(t), Title: c.T(o.title), Text: c.T(o.text), Icon: o.icon, Ground: o.ground(c.Theme), Ink: o.ink(c.Theme)}, cells[i])
		}
	})
}

// grille divides box into n equal cells at most high each: up to three side by
// side where the screen is wide, else two in a row.
func grille(box scene.Rect, n int, portrait bool, gap, high float32) []scene.Rect {
	cols := n
	if portrait || n > 3 {
		cols = min(n, 2)
	}
	cols = max(cols, 1)
	rows := (n + cols - 1) / cols
	w := (box.W - gap*float32(cols-1)) / float32(cols)
	h := min((box.H-gap*float32(rows-1))/float32(max(rows, 1)), high)
	out := make([]scene.Rect, n)
	for i := range out {
		out[i] = scene.Rect{X: box.X + float32(i%cols)*(w+gap), Y: box.Y + float32(i/cols)*(h+gap), W: w, H: h}
	}
	return out
}

// cut splits a target's name.
func cut(target string) (name, arg string) {
	name, arg, _ = strings.Cut(target, ":")
	return name, arg
}
