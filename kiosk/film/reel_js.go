package film

// Reel is never there in a browser: the preview shows the poster.
type Reel struct{}

// Play does not play.
func Play(Options) *Reel { return nil }

// The methods are never called.
func (*Reel) Stop()        {}
func (*Reel) Take() *Frame { return nil }
func (*Reel) Give(*Frame)  {}
func (*Reel) Slower()      {}
func (*Reel) Grade() Grade { return 0 }

// Done is closed.
func (*Reel) Done() <-chan struct{} { c := make(chan struct{}); close(c); return c }
