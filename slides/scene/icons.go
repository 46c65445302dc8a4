package scene

import (
	"image/color"
	"strconv"
	"strings"
)

// Icon names a vector shape drawn on a grid of 24.
type Icon string

// The icons. All are strokes but Mark.
const (
	IconTouch    Icon = "touch"
	IconCheck    Icon = "check"
	IconBack     Icon = "back"
	IconNext     Icon = "next"
	IconForward  Icon = "forward" // there is more behind it
	IconUp       Icon = "up"
	IconDown     Icon = "down"
	IconClose    Icon = "close"
	IconClock    Icon = "clock"
	IconGlobe    Icon = "globe"
	IconSearch   Icon = "search"
	IconQR       Icon = "qr"
	IconTalk     Icon = "talk"
	IconSmile    Icon = "smile"
	IconCalendar Icon = "calendar"
	IconDocument Icon = "document"
	IconPlace    Icon = "place"
	IconPost     Icon = "post"
	IconPerson   Icon = "person"
	IconAlert    Icon = "alert"
	IconPhone    Icon = "phone"
	IconPlus     Icon = "plus"
	IconMinus    Icon = "minus"
	IconMark     Icon = "mark" // the neutral mark: two mountains, filled
)

// round is a circle in path letters.
func round(cx, cy, r float64) string {
	k := r * 0.5523
	f := func(v ...float64) string {
		var b strings.Builder
		for _, x := range v {
			b.WriteString(strconv.FormatFloat(x, 'f', 3, 64))
			b.WriteByte(' ')
		}
		return b.String()
	}
	return "M " + f(cx+r, cy) +
		"C " + f(cx+r, cy+k, cx+k, cy+r, cx, cy+r) + "C " + f(cx-k, cy+r, cx-r, cy+k, cx-r, cy) +
		"C " + f(cx-r, cy-k, cx-k, cy-r, cx, cy-r) + "C " + f(cx+k, cy-r, cx+r, cy-k, cx+r, cy) + "Z "
}

var icons = map[Icon][]Segment{
	IconTouch: parsePath("M 9 12.8 L 9 5.6 C 9 4.6 9.7 3.9 10.6 3.9 C 11.5 3.9 12.2 4.6 12.2 5.6 L 12.2 10.7 L 16.8 11.6 C 18.4 11.9 19.2 13 19.1 14.4 L 18.8 17.2 C 18.4 19.8 16.6 21.4 14.2 21.4 " +
		"L 12.4 21.4 C 10.6 21.4 9.4 20.7 8.4 19.2 L 5.2 14.9 C 4.6 14 4.8 13 5.5 12.5 C 6.3 11.9 7.2 12.1 7.9 12.8 L 9 14 " +
		"M 6.5 7.7 C 6.1 7 5.9 6.3 5.9 5.6 C 5.9 3 8 1.2 10.6 1.2 C 13.2 1.2 15.3 3 15.3 5.6 C 15.3 6.3 15.1 7 14.7 7.7"),
	IconCheck:    parsePath("M 4 12.8 L 9.4 18.2 L 20 6.6"),
	IconBack:     parsePath("M 20 12 L 4.6 12 M 11 5.4 L 4.4 12 L 11 18.6"),
	IconNext:     parsePath("M 4 12 L 19.4 12 M 13 5.4 L 19.6 12 L 13 18.6"),
	IconForward:  parsePath("M 8.6 4.4 L 16.2 12 L 8.6 19.6"),
	IconUp:       parsePath("M 4.4 15.6 L 12 8 L 19.6 15.6"),
	IconDown:     parsePath("M 4.4 8.4 L 12 16 L 19.6 8.4"),
	IconClose:    parsePath("M 5.5 5.5 L 18.5 18.5 M 18.5 5.5 L 5.5 18.5"),
	IconClock:    parsePath(round(12, 12, 9) + "M 12 6.8 L 12 12 L 15.6 14.2"),
	IconGlobe:    parsePath(round(12, 12, 9) + "M 3 12 L 21 12 M 12 3 C 8.6 5.4 7.8 9 7.8 12 C 7.8 15 8.6 18.6 12 21 C 15.4 18.6 16.2 15 16.2 12 C 16.2 9 15.4 5.4 12 3 Z"),
	IconSearch:   parsePath(round(10.5, 10.5, 6.8) + "M 15.5 15.5 L 21 21"),
	IconQR:       parsePath("M 4 4 L 10 4 L 10 10 L 4 10 Z M 14 4 L 20 4 L 20 10 L 14 10 Z M 4 14 L 10 14 L 10 20 L 4 20 Z M 14 14 L 16.5 14 M 20 14 L 20 16.5 M 14 17.4 L 14 20 L 16.8 20 M 20 20 L 20 20.1 M 17 17 L 17.1 17"),
	IconTalk:     parsePath("M 12 4 C 17 4 21 7.4 21 11.5 C 21 15.6 17 19 12 19 C 10.8 19 9.7 18.8 8.7 18.5 L 4 20.6 L 5.2 16.4 C 3.8 15.1 3 13.4 3 11.5 C 3 7.4 7 4 12 4 Z"),
	IconSmile:    parsePath(round(12, 12, 9) + "M 7.8 13.8 Q 12 18.6 16.2 13.8 M 8.9 9 L 8.9 9.4 M 15.1 9 L 15.1 9.4"),
	IconCalendar: parsePath("M 4 6 L 20 6 L 20 20 L 4 20 Z M 4 10.4 L 20 10.4 M 8.4 3.4 L 8.4 7.4 M 15.6 3.4 L 15.6 7.4"),
	IconDocument: parsePath("M 6 3 L 14 3 L 19 8 L 19 21 L 6 21 Z M 14 3 L 14 8 L 19 8 M 9.4 12.8 L 15.6 12.8 M 9.4 16.8 L 15.6 16.8"),
	IconPlace:    parsePath("M 12 21.2 C 8 16.6 5.4 13.4 5.4 10 C 5.4 6.3 8.3 3.4 12 3.4 C 15.7 3.4 18.6 6.3 18.6 10 C 18.6 13.4 16 16.6 12 21.2 Z " + round(12, 10, 2.6)),
	IconPost:     parsePath("M 3 5.4 L 21 5.4 L 21 18.8 L 3 18.8 Z M 3.4 6.2 L 12 13 L 20.6 6.2"),
	IconPerson:   parsePath(round(12, 8, 4.2) + "M 4 20.6 C 4 16.6 7.4 14.8 12 14.8 C 16.6 14.8 20 16.6 20 20.6"),
	IconAlert:    parsePath("M 12 3.8 L 21.6 20.2 L 2.4 20.2 Z M 12 9.8 L 12 14.2 M 12 17 L 12 17.1"),
	IconPhone:    parsePath("M 7 2.8 L 17 2.8 L 17 21.2 L 7 21.2 Z M 11.2 18 L 12.8 18"),
	IconPlus:     parsePath("M 12 4.6 L 12 19.4 M 4.6 12 L 19.4 12"),
	IconMinus:    parsePath("M 4.6 12 L 19.4 12"),
	IconMark:     parsePath("M 2.6 19 L 9.2 7 L 12.9 13.2 L 15 10.2 L 21.4 19 Z"),
}

// parsePath reads path letters M, L, Q, C and Z with absolute numbers between
// blanks; it panics on anything else: all paths are this package's data.
func parsePath(s string) []Segment {
	var out []Segment
	f := strings.Fields(s)
	for i := 0; i < len(f); {
		seg := Segment{Cmd: f[i][0]}
		n, ok := map[byte]int{'M': 1, 'L': 1, 'Q': 2, 'C': 3, 'Z': 0}[seg.Cmd]
		if !ok || len(f[i]) != 1 {
			panic("scene: path " + s)
		}
		i++
		for j := range n {
			for k := range 2 {
				v, err := strconv.ParseFloat(f[i], 32)
				if err != nil {
					panic("scene: path " + s)
				}
				seg.P[j][k] = float32(v)
				i++
			}
		}
		out = append(out, seg)
	}
	return out
}

// place maps segments from a grid of g×g into r.
func place(segs []Segment, g float32, r Rect) []Segment {
	out := make([]Segment, len(segs))
	for i, s := range segs {
		for j := range s.P {
			s.P[j] = [2]float32{r.X + s.P[j][0]*r.W/g, r.Y + s.P[j][1]*r.H/g}
		}
		out[i] = s
	}
	return out
}

// Icon draws an icon into the square at (x, y) of side size pixels. The stroke
// is a twelfth of the side.
func (c *Canvas) Icon(name Icon, x, y, size float32, col color.NRGBA) {
	segs := icons[name]
	if segs == nil || size <= 0 {
		return
	}
	p := Path{Segments: place(segs, 24, Rect{x, y, size, size}), Color: col, Width: size / 11.5}
	if name == IconMark {
		p.Width = 0
	}
	c.Add(p)
}

// Circle draws a filled circle.
func (c *Canvas) Circle(cx, cy, radius float32, col color.NRGBA) {
	c.Fill(Rect{cx - radius, cy - radius, 2 * radius, 2 * radius}, radius, col)
}

// faceShapes are the features of the five faces, worst to best, on a grid of 100: strokes.
var faceShapes = [5][]Segment{
	parsePath("M 26 33 L 41 41 M 74 33 L 59 41 M 29 73 Q 50 47 71 73"),
	parsePath("M 30 69 Q 50 54 70 69"),
	parsePath("M 30 66 L 70 66"),
	parsePath("M 29 62 Q 50 76 71 62"),
	parsePath("M 26 58 Q 50 87 74 58"),
}

// Face draws face level (1 worst to 5 best) into the circle of that diameter
// at (x, y). All five have one size: none is bigger or brighter.
func (c *Canvas) Face(level int, x, y, size float32) {
	if level < 1 || level > 5 || size <= 0 {
		return
	}
	white := color.NRGBA{255, 255, 255, 255}
	c.Circle(x+size/2, y+size/2, size/2, c.Theme.Faces[level-1].NRGBA())
	eye := size * 0.058
	top := float32(0.42)
	if level == 1 {
		top = 0.455
	}
	c.Circle(x+size*0.345, y+size*top, eye, white)
	c.Circle(x+size*0.655, y+size*top, eye, white)
	c.Add(Path{Segments: place(faceShapes[level-1], 100, Rect{x, y, size, size}), Color: white, Width: size * 0.062})
}
