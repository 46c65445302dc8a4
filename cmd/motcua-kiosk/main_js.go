//go:build js

// In the browser the kiosk is the live preview: the same player and screen on a
// vault in memory, with the starter content and without a link.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"motcua/kiosk/screen"
	"motcua/slides"
)

func main() {
	if err := preview(); err != nil {
		fmt.Fprintln(os.Stderr, slides.Sentence(err, "vi"), err)
		os.Exit(1)
	}
}

func preview() error {
	v, err := demoVault("nhanh", "")
	if err != nil {
		return err
	}
	k := NewKiosk(v, screen.Options{Title: "Một Cửa", Windowed: true}, program(), slog.New(slog.NewTextHandler(os.Stderr, nil)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	k.Start()
	err = k.screen.Run()
	cancel()
	<-done
	return err
}
