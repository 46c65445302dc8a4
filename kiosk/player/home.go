package player

import (
	"image/color"
	"slices"
	"strings"

	domain "motcua/slides"
	"motcua/slides/scene"
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
}

func white(scene.Theme) color.NRGBA { return color.NRGBA{255, 255, 255, 255} }

// offers say what each tile is.
var offers = map[domain.Tile]offer{
	domain.TileRate: {
		title: domain.Text{"vi": "Đánh giá", "en": "Rate"}, text: domain.Text{"vi": "Việc phục vụ hôm nay", "en": "How you were served today"},
		icon: scene.IconSmile, ground: func(t scene.Theme) color.NRGBA { return t.Son.NRGBA() }, ink: white,
		serves: func(s *State) bool { return len(s.Content.Surveys) > 0 },
		open:   (*step).beginRating,
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
		n.open(home{})
	}
}

// home is what a touch on the slides opens.
type home struct{}

func (home) view() View { return ViewHome }

func (home) touch(n *step, name, arg string) {
	if name == "tile" && slices.Contains(n.tiles(), domain.Tile(arg)) {
		offers[domain.Tile(arg)].open(n)
	}
}

func (home) likely(s State) []Still { return s.likelyRating() }

func (home) still(s State) Still {
	s.View = ViewHome // drawn ahead, too
	tiles := s.tiles()
	key := "home"
	for _, t := range tiles {
		key += "\x00" + string(t)
	}
	return s.screen(s.Content, key, func(c *scene.Canvas) {
		c.Title("home", c.Say("Xin chào!\nÔng/Bà cần gì ạ?", "Hello!\nWhat can we do for you?"), "")
		cells := grille(c.Body, len(tiles), c.Portrait, c.Px(32), c.Px(480))
		for i, t := range tiles {
			o := offers[t]
			c.Tile(scene.Tile{Name: "tile:" + string(t), Title: c.T(o.title), Text: c.T(o.text), Icon: o.icon, Ground: o.ground(c.Theme), Ink: o.ink(c.Theme)}, cells[i])
		}
	})
}

// grille divides box into n equal cells at most high each, side by side where
// the screen is wide and two in a row where it is upright.
func grille(box scene.Rect, n int, portrait bool, gap, high float32) []scene.Rect {
	cols := n
	if portrait {
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
