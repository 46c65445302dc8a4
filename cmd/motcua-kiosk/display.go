//go:build !js

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
)

// panelSwitch is how this machine switches its display: the program and its
// arguments for off and on.
type panelSwitch struct{ off, on []string }

// knownSwitches are tried in turn where -display-command names none: X11's
// power saving, then the Raspberry Pi's firmware. Naming the times keeps X from
// blanking the screen by itself.
var knownSwitches = []panelSwitch{
	{strings.Fields("xset s off dpms 0 0 0 dpms force off"), strings.Fields("xset s off dpms 0 0 0 dpms force on")},
	{strings.Fields("vcgencmd display_power 0"), strings.Fields("vcgencmd display_power 1")},
}

// switches are the ways to try for the flag -display-command: that alone with
// "off" or "on" behind it, or the known ones.
func switches(command string) []panelSwitch {
	if f := strings.Fields(command); len(f) > 0 {
		return []panelSwitch{{append(f[:len(f):len(f)], "off"), append(f[:len(f):len(f)], "on")}}
	}
	return knownSwitches
}

// switchWithin bounds one try.
const switchWithin = 5 * time.Second

// switchDisplay switches the display. The error, of kind Invalid, says in words
// that no way works here, and what the ways said.
func switchDisplay(ctx context.Context, ways []panelSwitch, on bool) error {
	var said []string
	for _, w := range ways {
		args := w.off
		if on {
			args = w.on
		}
		if err := try(ctx, args); err != nil {
			said = append(said, err.Error())
			continue
		}
		return nil
	}
	return slides.E(slides.Invalid, "motcua-kiosk.display",
		"Máy này không bật/tắt được nguồn màn hình; ki-ốt chỉ chiếu hình đen. Hãy cài xset (x11-xserver-utils) hoặc đặt -display-command.",
		"This machine can't switch its display; the kiosk only shows black. Install xset (x11-xserver-utils) or set -display-command.",
		fmt.Errorf("%s", strings.Join(said, "; ")))
}

func try(ctx context.Context, args []string) error {
	ctx, cancel := context.WithTimeout(ctx, switchWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out[:min(len(out), 200)]))
	if err != nil {
		return fmt.Errorf("%s: %w %s", args[0], err, text)
	}
	// xset ends well on a server without power saving and only says so.
	if args[0] == "xset" && text != "" {
		return fmt.Errorf("xset: %s", text)
	}
	return nil
}

// panel switches the display as the player asks, the newest wish only, until ctx ends.
func (k *Kiosk) panel(ctx context.Context, command string) error {
	ways := switches(command)
	for {
		select {
		case <-ctx.Done():
			return nil
		case on := <-k.lit:
			if err := switchDisplay(ctx, ways, on); err != nil && ctx.Err() == nil {
				k.Fault("display", err.Error())
			}
		}
	}
}

// askDisplay carries out staff's wish. Where the display can't be switched, the
// picture goes dark all the same, and the error says so.
func (k *Kiosk) askDisplay(ctx context.Context, command string, on bool) error {
	k.Post(player.DisplayAsked{On: on})
	return switchDisplay(ctx, switches(command), on)
}
