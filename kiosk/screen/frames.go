package screen

import (
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// softwareSteps is how many times the progress bar moves in a slide's time on
// software GL: each move presents a whole frame.
const softwareSteps = 4

// softwareFrame is the processor time of a frame from which on the GL counts as
// software: a GPU's driver takes well under it.
const softwareFrame = 4 * time.Millisecond

// costs measures the processor time of frames over cross-fades, which are the
// only times at which frames follow each other.
type costs struct {
	frame time.Duration // the cheapest fade's time a frame; 0: not measured yet
	since time.Duration
	count int
}

// software says whether frames are dear; until a fade was measured they are
// taken to be.
func (c *costs) software() bool { return c.frame == 0 || c.frame >= softwareFrame }

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
	time.AfterFunc(every, scheduleFrame)
}

// scheduleFrame asks for a frame, from any goroutine.
func scheduleFrame() {
	//lint:ignore SA1019 belongs to FPSModeVsyncOffMinimum, see Run
	ebiten.ScheduleFrame()
}
