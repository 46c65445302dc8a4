package kinds

import "motcua/slides/scene"

// growStep is the step in which grown looks for a factor.
const growStep = 0.04

// worthLines is the gain from which on texts may take more lines: less is not
// worth a sentence in three short lines instead of two.
const worthLines = 1.12

// grown draws a slide's content, enlarged where it is short.
func grown(c *scene.Canvas, most float32, draw func(*scene.Canvas)) {
	c.Enlarged(factor(c, most, draw), draw)
}

// factor is by how much a slide's content is enlarged: a text that is read from
// three metres should not stay small on an empty screen. One factor enlarges
// letters, icons and gaps alike, so that their proportions stay. It is the one
// in [1, most] at which texts come out largest on the whole, none smaller than
// at 1, all still in place with line ends as good. most keeps titles to 96 and
// running text to 57 design pixels.
//
// With the reader's own text size the factor is at most that of the usual size,
// and the one at which the text that fares worst loses least, if any does:
// larger text takes what room is left.
func factor(c *scene.Canvas, most float32, draw func(*scene.Canvas)) float32 {
	own := c.Frame.Scale
	c.Frame.Scale = min(own, 1)
	k := bestFactor(c, most, draw)
	usual := c.Try(k, draw)
	c.Frame.Scale = own
	if own <= 1 {
		return k
	}
	best, kept := float32(1), float32(0)
	for ; k > 1-growStep && kept < 0.99; k -= growStep {
		at := max(k, 1)
		if g := growth(c, usual, c.Try(at, draw)); min(g.worst, 1) > kept+0.01 {
			best, kept = at, min(g.worst, 1)
		}
	}
	return best
}

// bestFactor is factor at the usual text size.
func bestFactor(c *scene.Canvas, most float32, draw func(*scene.Canvas)) float32 {
	base := c.Try(1, draw)
	if base.Overflows > 0 {
		return 1
	}
	best, top := float32(1), float32(1)
	for k := most; k > top+growStep/2; k -= growStep { // texts gain k at most
		g := growth(c, base, c.Try(k, draw))
		if g.mean > top && g.worst > 0.999 && (!g.longer || g.mean >= worthLines) {
			best, top = k, g.mean
		}
	}
	return best
}

// gain is by how much a trial's texts are larger than another's; all zero where
// something is cut, out of place or ends its lines worse.
type gain struct {
	mean, worst float32
	longer      bool // a text takes more lines
}

func growth(c *scene.Canvas, base, t scene.Trial) gain {
	if t.Overflows > 0 || len(t.Texts) != len(base.Texts) || len(t.Texts) == 0 || t.Right > max(base.Right, c.Body.Right())+1 || t.Bottom > max(base.Bottom, c.Body.Bottom())+1 {
		return gain{}
	}
	g := gain{worst: t.Texts[0].Size / base.Texts[0].Size}
	for i, x := range t.Texts {
		b := base.Texts[i]
		if x.Path != b.Path || x.Bad && !b.Bad {
			return gain{}
		}
		g.mean += x.Size / b.Size / float32(len(t.Texts))
		g.worst = min(g.worst, x.Size/b.Size)
		g.longer = g.longer || x.Lines > b.Lines
	}
	return g
}
