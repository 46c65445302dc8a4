//go:build !js

// Command motcua-kiosk is the terminal of Một Cửa: it shows slides and takes
// ratings, with or without a network.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"motcua/slides"
)

// restartStatus is EX_TEMPFAIL of sysexits.h: a supervisor starts again.
const restartStatus = 75

func main() {
	debug.SetGCPercent(30) // a kiosk draws little and runs for weeks: memory counts more
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errRestart):
		os.Exit(restartStatus)
	default:
		fmt.Fprintln(os.Stderr, slides.Sentence(err, "vi"))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
