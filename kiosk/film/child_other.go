//go:build !linux && !js

package film

import "os/exec"

func tame(*exec.Cmd) {}

func yield(int) {}
