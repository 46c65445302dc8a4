package film

import "time"

// Frame is one picture of a film: RGBA, opaque, row by row.
type Frame struct {
	W, H int
	Pix  []byte
	At   time.Duration // from the film's start
}

// Grade is how well a film is shown, 0 the best. Lower ones have fewer pixels,
// then fewer frames a second. The last is kept, however slow the machine: a film
// of three frames a second still moves.
type Grade int

// Software is the grade to begin with where every frame is drawn by the processor.
const Software Grade = 2

// grades: what part of the wanted width is decoded, and how many frames a second.
var grades = []struct {
	part float64
	rate int
}{{1, 30}, {0.75, 24}, {0.5, 12}, {0.5, 8}, {1.0 / 3, 5}, {0.25, 3}}

func (g Grade) last() bool { return int(g) >= len(grades)-1 }

// Rate is the frames a second.
func (g Grade) Rate() int { return grades[g].rate }

// widest bounds what a decoder is asked for: more than full HD is not seen from
// where people stand, and would take 250 MB a second of a pipe.
const widest = 1920

// size is what is decoded for a place of w×h pixels.
func (g Grade) size(w, h int) (int, int) {
	k := grades[g].part
	if m := float64(max(w, h)) * k; m > widest {
		k *= widest / m
	}
	return max(2, int(float64(w)*k)), max(2, int(float64(h)*k))
}

// Options of a showing. Ready and Failed are called from the reel's goroutine.
type Options struct {
	Program string                 // the decoder; "" looks for ffmpeg
	File    func() (string, error) // the film's path; called on the reel's goroutine
	W, H    int                    // of its place on the screen, pixels
	Grade   Grade                  // to begin with
	Ready   func()                 // a frame can be taken
	Failed  func(error)            // no more frames will come

	limits limits // zero: usual
}

// limits of a decoder.
type limits struct {
	first    time.Duration // for the first frame
	frame    time.Duration // for each other one
	failures int           // in one showing; then the poster stays
	behind   time.Duration // how late frames may come before the grade is lowered
	shortest time.Duration // of a showing, so that a film of a few frames does not start a process after the other
	pause    time.Duration // after a failure, growing
}

// usual allows for a cold start from a slow card.
var usual = limits{first: 8 * time.Second, frame: 2 * time.Second, failures: 3, behind: 700 * time.Millisecond, shortest: time.Second, pause: time.Second}
