package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is the line that figures can't be compared without.
func machine() string {
	cpu, mem, kernel := "unknown processor", "? GiB", "?"
	for _, l := range lines("/proc/cpuinfo") {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == "model name" {
			cpu = strings.TrimSpace(v)
			break
		}
	}
	for _, l := range lines("/proc/meminfo") {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "MemTotal:" {
			if n, err := strconv.ParseFloat(f[1], 64); err == nil {
				mem = fmt.Sprintf("%.0f GiB", n/(1<<20))
			}
		}
	}
	if l := lines("/proc/sys/kernel/osrelease"); len(l) > 0 {
		kernel = l[0]
	}
	return fmt.Sprintf("%s · %d cores · %s · Linux %s · %s · load %s", cpu, runtime.NumCPU(), mem, kernel, runtime.Version(), loadAverage())
}

func lines(file string) []string {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil // a system without it: the line says what it does not know
	}
	return strings.Split(string(b), "\n")
}

// loadAverage tells how busy others keep the machine.
func loadAverage() string {
	if l := lines("/proc/loadavg"); len(l) > 0 {
		if f := strings.Fields(l[0]); len(f) > 0 {
			return f[0]
		}
	}
	return "?"
}

// resident is a process's memory in bytes (VmRSS).
func resident(pid int) (int64, error) {
	for _, l := range lines(fmt.Sprintf("/proc/%d/status", pid)) {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "VmRSS:" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("process %d is gone", pid)
}

// cpuTime is what a process has used of the processors, user and system.
func cpuTime(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold anything; fields are counted after it.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 13 {
		return 0, errors.New("/proc: stat is too short")
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	const ticks = 100 // USER_HZ is 100 on every Linux that Go runs on
	return time.Duration(user+system) * time.Second / ticks, errors.Join(err1, err2)
}

// tree lists a process and all that descend from it.
func tree(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []int{pid}
	}
	below := map[int][]int{}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has just ended
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(f) > 1 {
			if parent, err := strconv.Atoi(f[1]); err == nil {
				below[parent] = append(below[parent], child)
			}
		}
	}
	out := []int{pid}
	for i := 0; i < len(out); i++ {
		out = append(out, below[out[i]]...)
	}
	return out
}

// treeTime is what a process and its descendants that live have used.
func treeTime(pid int) (sum time.Duration, err error) {
	for i, p := range tree(pid) {
		t, err := cpuTime(p)
		if err != nil && i == 0 {
			return 0, err
		}
		sum += t
	}
	return sum, nil
}

// treeMemory is the memory of a process and its descendants in bytes, each page
// shared among those who have it (PSS), and how many they are.
func treeMemory(pid int) (pss float64, n int, err error) {
	for _, p := range tree(pid) {
		for _, l := range lines(fmt.Sprintf("/proc/%d/smaps_rollup", p)) {
			if f := strings.Fields(l); len(f) > 1 && f[0] == "Pss:" {
				kb, err := strconv.ParseFloat(f[1], 64)
				if err != nil {
					return 0, 0, err
				}
				pss, n = pss+kb*1024, n+1
			}
		}
	}
	if n == 0 {
		return 0, 0, fmt.Errorf("process %d is gone", pid)
	}
	return pss, n, nil
}
