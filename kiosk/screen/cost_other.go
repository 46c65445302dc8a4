//go:build !unix

package screen

import "time"

// processorTime is not known here: frames count as dear.
func processorTime() time.Duration { return 0 }
