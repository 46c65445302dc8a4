package insight

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"motcua/slides/survey"
)

// Plot is the geometry of one small chart in the units of its view box. Pages
// draw it; nothing here knows of HTML or colours.
type Plot struct {
	W, H   float64
	Area   Box // where the data is drawn
	YTicks []Tick
	XTicks []Tick
	Bars   []Bar
	Lines  []string // path data of each unbroken run of points
	Bands  []string // path data of the interval around each run
	Dots   []Dot
}

// Box is a rectangle; y grows downwards.
type Box struct{ X, Y, W, H float64 }

// Right and Bottom are the far edges.
func (b Box) Right() float64  { return b.X + b.W }
func (b Box) Bottom() float64 { return b.Y + b.H }

// Tick is one label of an axis and where it stands.
type Tick struct {
	At   float64
	Text string
}

// Bar is one column with what a reader is told about it.
type Bar struct {
	Box
	Title string
	Empty bool // no value: the place is kept, nothing is drawn
}

// Dot is one point of a line.
type Dot struct {
	X, Y  float64
	Title string
}

// Point is one value of a series. A missing value is a gap in the line, never
// a zero.
type Point struct {
	Label     string // below the axis
	Title     string // what hovering or a screen reader says
	Value     float64
	Low, High float64
	OK        bool
}

// plotArea leaves room for labels left and below.
func plotArea(w, h float64) Box { return Box{X: 44, Y: 12, W: w - 44 - 12, H: h - 12 - 28} }

// Columns draws counts: bars from zero up to a round number.
func Columns(points []Point, w, h float64) Plot {
	p := Plot{W: w, H: h, Area: plotArea(w, h)}
	top := 0.0
	for _, q := range points {
		if q.OK {
			top = math.Max(top, q.Value)
		}
	}
	step, top := scale(top)
	y := func(v float64) float64 { return round(p.Area.Bottom() - v/top*p.Area.H) }
	for v := 0.0; v <= top+step/2; v += step {
		p.YTicks = append(p.YTicks, Tick{At: y(v), Text: survey.FormatCount(int64(math.Round(v)))})
	}
	slot := p.Area.W / float64(max(len(points), 1))
	width := math.Min(slot*0.72, 48)
	for i, q := range points {
		x := p.Area.X + slot*(float64(i)+0.5)
		b := Bar{Box: Box{X: round(x - width/2), Y: p.Area.Bottom(), W: round(width)}, Title: q.Title, Empty: !q.OK || q.Value <= 0}
		if !b.Empty {
			b.Y = y(q.Value)
			// A count that is there must be seen, be it one in ten thousand.
			b.H = math.Max(round(p.Area.Bottom()-b.Y), 1.5)
			b.Y = round(p.Area.Bottom() - b.H)
		}
		p.Bars = append(p.Bars, b)
	}
	p.XTicks = sparse(points, p.Area, slot)
	return p
}

// Curve draws shares in [0,100]: a line with dots, its interval as a band, and
// gaps where a value is missing.
func Curve(points []Point, w, h float64) Plot {
	p := Plot{W: w, H: h, Area: plotArea(w, h)}
	y := func(v float64) float64 {
		return round(p.Area.Bottom() - math.Max(0, math.Min(v, 100))/100*p.Area.H)
	}
	for v := 0; v <= 100; v += 25 {
		p.YTicks = append(p.YTicks, Tick{At: y(float64(v)), Text: strconv.Itoa(v)})
	}
	slot := p.Area.W / float64(max(len(points), 1))
	at := func(i int) float64 { return round(p.Area.X + slot*(float64(i)+0.5)) }
	for i := 0; i < len(points); {
		if !points[i].OK {
			i++
			continue
		}
		end := i
		for end < len(points) && points[end].OK {
			end++
		}
		var line, up, down strings.Builder
		for k := i; k < end; k++ {
			q := points[k]
			cmd := "L"
			if k == i {
				cmd = "M"
			}
			fmt.Fprintf(&line, "%s%s %s", cmd, num(at(k)), num(y(q.Value)))
			fmt.Fprintf(&up, "%s%s %s", cmd, num(at(k)), num(y(q.High)))
			p.Dots = append(p.Dots, Dot{X: at(k), Y: y(q.Value), Title: q.Title})
		}
		for k := end - 1; k >= i; k-- {
			fmt.Fprintf(&down, "L%s %s", num(at(k)), num(y(points[k].Low)))
		}
		if end-i > 1 {
			p.Lines = append(p.Lines, line.String())
			p.Bands = append(p.Bands, up.String()+down.String()+"Z")
		} else {
			// One point alone has no width: its interval is a whisker.
			x := at(i)
			p.Bands = append(p.Bands, fmt.Sprintf("M%s %sL%s %sL%s %sL%s %sZ", num(x-2), num(y(points[i].High)), num(x+2), num(y(points[i].High)), num(x+2), num(y(points[i].Low)), num(x-2), num(y(points[i].Low))))
		}
		i = end
	}
	p.XTicks = sparse(points, p.Area, slot)
	return p
}

// sparse labels as many points as have room, evenly, the last one always.
func sparse(points []Point, area Box, slot float64) []Tick {
	longest := 1
	for _, q := range points {
		longest = max(longest, len([]rune(q.Label)))
	}
	every := max(1, int(math.Ceil(float64(longest)*7.5/slot)))
	var out []Tick
	for i := len(points) - 1; i >= 0; i -= every {
		out = append(out, Tick{At: round(area.X + slot*(float64(i)+0.5)), Text: points[i].Label})
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// scale finds a step of 1, 2 or 5 times a power of ten that needs at most five
// steps to reach v, and the top that it reaches; both are at least 1.
func scale(v float64) (step, top float64) {
	if v < 1 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 1, 1
	}
	step = math.Pow(10, math.Floor(math.Log10(v/5)))
	for _, m := range []float64{1, 2, 5, 10} {
		if s := step * m; v/s <= 5 {
			step = s
			break
		}
	}
	step = math.Max(step, 1)
	return step, math.Ceil(v/step) * step
}

// Strip is one horizontal bar with an interval, for a factor or a kiosk:
// positions in percent of its width.
type Strip struct {
	Value, Low, Width float64 // Width is High-Low
}

// NewStrip places a share and its interval, both in [0,100].
func NewStrip(value, low, high float64) Strip {
	c := func(v float64) float64 { return round(math.Max(0, math.Min(v, 100))) }
	return Strip{Value: c(value), Low: c(low), Width: round(c(high) - c(low))}
}

// Cell is one hour of the week.
type Cell struct {
	Box
	Level int // 0 none, 1 (few) to 5 (most)
	Title string
}

// Heat is the geometry of the hours of the week: a row for each day, Monday
// first, a column for each hour from First to Last.
type Heat struct {
	W, H        float64
	First, Last int
	Cells       []Cell
	Rows, Cols  []Tick
}

// HourOfWeek draws counts[day][hour], day 0 Monday. Hours outside 7 to 17 only
// take room when something happened there. Names gives the days' names, title
// the words for one cell.
func HourOfWeek(counts [7][24]int64, names [7]string, title func(day, hour int, n int64) string) Heat {
	h := Heat{First: 7, Last: 16}
	top := int64(0)
	for d := range counts {
		for hour, n := range counts[d] {
			if n > 0 {
				h.First, h.Last, top = min(h.First, hour), max(h.Last, hour), max(top, n)
			}
		}
	}
	const left, above, cw, ch = 44, 4, 34, 24
	for d := range counts {
		y := float64(above + d*ch)
		h.Rows = append(h.Rows, Tick{At: y + ch/2, Text: names[d]})
		for hour := h.First; hour <= h.Last; hour++ {
			n := counts[d][hour]
			c := Cell{Box: Box{X: float64(left + (hour-h.First)*cw), Y: y, W: cw - 2, H: ch - 2}, Title: title(d, hour, n)}
			if n > 0 {
				c.Level = 1 + int(math.Min(4, math.Floor(float64(n)/float64(top)*5*0.9999)))
			}
			h.Cells = append(h.Cells, c)
		}
	}
	for hour := h.First; hour <= h.Last; hour++ {
		h.Cols = append(h.Cols, Tick{At: float64(left + (hour-h.First)*cw + (cw-2)/2), Text: strconv.Itoa(hour)})
	}
	h.W = float64(left + (h.Last-h.First+1)*cw)
	h.H = above + 7*ch + 20
	return h
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
func num(v float64) string    { return strconv.FormatFloat(v, 'f', -1, 64) }
