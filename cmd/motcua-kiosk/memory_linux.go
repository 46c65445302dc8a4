package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// resident is the memory that this process really uses, in bytes; 0 if unknown.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(f[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// forgetCode unmaps the pages of programs and libraries that are in memory;
// what runs again is mapped again from the page cache. Mesa's compiler of
// shaders (LLVM) runs only in the first seconds and keeps 45 MB for weeks
// otherwise.
func forgetCode() error {
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return err
	}
	for _, c := range cleanCode(string(b)) {
		if _, _, no := syscall.Syscall(syscall.SYS_MADVISE, c.from, c.to-c.from, syscall.MADV_DONTNEED); no != 0 {
			return fmt.Errorf("madvise: %w", no)
		}
	}
	return nil
}

type extent struct{ from, to uintptr }

// cleanCode lists a process's mappings of files that are code and were never
// written to, by its smaps: only of those every page can be had again.
func cleanCode(smaps string) (out []extent) {
	var c extent
	code, rss := false, 0
	for line := range strings.Lines(smaps) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		if !strings.HasSuffix(f[0], ":") { // 7f0f2b200000-7f0f31979000 r-xp 0063b000 fe:00 2230 /usr/lib/…
			from, to, _ := strings.Cut(f[0], "-")
			a, err1 := strconv.ParseUint(from, 16, 64)
			b, err2 := strconv.ParseUint(to, 16, 64)
			c = extent{uintptr(a), uintptr(b)}
			code = err1 == nil && err2 == nil && a < b && f[1] == "r-xp" && len(f) == 6 && strings.HasPrefix(f[5], "/")
			continue
		}
		n, err := strconv.Atoi(f[1])
		switch f[0] {
		case "Rss:":
			rss = n
		case "Private_Dirty:", "Shared_Dirty:", "Anonymous:", "Swap:":
			code = code && err == nil && n == 0
		case "VmFlags:": // the last line of a mapping
			if code && rss > 0 {
				out = append(out, c)
			}
			code = false
		}
	}
	return out
}
