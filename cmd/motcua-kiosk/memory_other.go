//go:build !linux

package main

import "runtime"

// resident is what Go has taken from the system, in bytes: the nearest figure there is.
func resident() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// forgetCode does nothing here.
func forgetCode() error { return nil }
