package kinds

import "motcua/slides/scene"

// growStep is the step in which grown looks for a factor.
const growStep = 0.04

// asLarge is the share of its size that a text may not fall below at the
// reader's own text size: a title makes room for a pixel of the text's.
const asLarge = 0.98

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
// and no text gets smaller than at that: larger text takes what room is left.
func factor(c *scene.Canvas, most float32, draw func(*scene.Canvas)) float32 {
	own := c.Frame.Scale
	c.Frame.Scale = min(own, 1)
	k := bestFactor(c, most, draw)
	usual := c.Try(k, draw)
	c.Frame.Scale = own
	if own <= 1 {
		return k
	}
	for ; k > 1; k -= growStep {
		if gain, _ := growth(c, usual, c.Try(k, draw), asLarge); gain > 0 {
			return k
		}
	}
	return 1
}

// bestFactor is factor at the usual text size.
func bestFactor(c *scene.Canvas, most float32, draw func(*scene.Canvas)) float32 {
	base := c.Try(1, draw)
	if base.Overflows > 0 {
		return 1
	}
	best, top := float32(1), float32(1)
	for k := most; k > top+growStep/2; k -= growStep { // texts gain k at most
		gain, longer := growth(c, base, c.Try(k, draw), 0.999)
		if gain > top && (!longer || gain >= worthLines) {
			best, top = k, gain
		}
	}
	return best
}

// growth is by how much t's texts are larger than base's on average, or 0 where
// t is worse: something is cut, out of place, smaller, or ends its lines badly.
// least is the share of its size that each must keep; longer says that one takes more lines.
func growth(c *scene.Canvas, base, t scene.Trial, least float32) (gain float32, longer bool) {
	if t.Overflows > 0 || len(t.Texts) != len(base.Texts) || t.Right > max(base.Right, c.Body.Right())+1 || t.Bottom > max(base.Bottom, c.Body.Bottom())+1 {
		return 0, false
	}
	var sum float32
	for i, x := range t.Texts {
		b := base.Texts[i]
		if x.Path != b.Path || x.Size < b.Size*least || x.Bad && !b.Bad {
			return 0, false
		}
		sum += x.Size / b.Size
		longer = longer || x.Lines > b.Lines
	}
	return sum / float32(max(len(t.Texts), 1)), longer
}
