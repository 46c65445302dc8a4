package screen

import (
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// softwareSteps is how many times the progress bar moves in a slide's time on
// software GL: each move presents a whole frame.
const softwareSteps = 4

// softwareFrame is the processor time of a frame from which on the GL counts as
// software: a GPU's driver takes well under it.
const softwareFrame = 4 * time.Millisecond

// costs measures the processor time of frames over cross-fades and while the
// news line scrolls, when frames follow each other.
type costs struct {
	frame time.Duration // the cheapest fade's time a frame; 0: not measured yet
	since time.Duration
	count int
	roll  struct { // likewise, since the line scrolls
		since time.Duration
		count int
		dear  int // measures in a row that were too dear
	}
}

// software says whether frames are dear; until a fade was measured they are
// taken to be.
func (c *costs) software() bool { return c.frame == 0 || c.frame >= softwareFrame }

// rollFrames is how many frames of the scrolling line are one measure: 2 s.
const rollFrames = 120

// rolls says whether frames are cheap enough for a line that scrolls for hours.
// What turned out dear (another program draws, the panel grew) is not tried again.
func (c *costs) rolls() bool { return !c.software() && c.roll.dear < 3 }

// rolled counts a frame of the scrolling line.
func (c *costs) rolled() {
	r := &c.roll
	if r.count++; r.count < rollFrames {
		return
	}
	now := processorTime()
	if r.since != 0 && r.dear < 3 {
		if (now-r.since)/rollFrames >= softwareFrame {
			r.dear++
		} else {
			r.dear = 0
		}
	}
	r.since, r.count = now, 0
}

func (c *costs) begin() { c.since, c.count = processorTime(), 0 }

func (c *costs) end() {
	if c.count < 4 || c.since == 0 {
		return
	}
	if d := (processorTime() - c.since) / time.Duration(c.count); c.frame == 0 || d < c.frame {
		c.frame = d
	}
}

// pace schedules the next frame of a cross-fade: 60 a second where they are
// cheap, 15 on software GL, where more would only take the processor from the
// next slide's drawing.
func (c *costs) pace() {
	c.count++
	every := time.Second / 60
	if c.software() {
		every = time.Second / 15
	}
	frameIn(every)
}

var coming atomic.Bool // a frame that frameIn has promised

// frameIn asks for a frame after d, unless one is promised already: chains of
// frames that each ask for the next must not multiply.
func frameIn(d time.Duration) {
	if coming.CompareAndSwap(false, true) {
		time.AfterFunc(d, func() {
			coming.Store(false)
			scheduleFrame()
		})
	}
}

// scheduleFrame asks for a frame, from any goroutine.
func scheduleFrame() {
	//lint:ignore SA1019 belongs to FPSModeVsyncOffMinimum, see Run
	ebiten.ScheduleFrame()
}

// settle notes that the picture that is wanted is up: nothing is owed any more.
func (g *game) settle() {
	s := g.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.now != nil && g.now.key == plateKey(s.show.Still.Key, s.w, s.h, s.epoch) && g.show.Serial == s.show.Serial {
		s.owed = time.Time{}
	}
}
