package main

import (
	"os"
	"slices"
	"testing"
)

const someMaps = `00400000-00be4000 r-xp 00000000 fe:00 77 /usr/local/bin/motcua-kiosk
Rss:                7824 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
00be4000-0152a000 r--p 007e4000 fe:00 77 /usr/local/bin/motcua-kiosk
Rss:                8788 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd mr mw me
7f0f2b200000-7f0f31979000 r-xp 0063b000 fe:00 2230 /usr/lib/x86_64-linux-gnu/libLLVM-15.so.1
Rss:               46812 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
7f0f40000000-7f0f40010000 r-xp 00000000 fe:00 2231 /usr/lib/patched.so
Rss:                  64 kB
Private_Dirty:         4 kB
Anonymous:             4 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
7f0f40010000-7f0f40020000 r-xp 00000000 fe:00 2232 /usr/lib/swapped.so
Rss:                  64 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  4 kB
VmFlags: rd ex mr mw me
7f0f50000000-7f0f50010000 r-xp 00000000 00:00 0 
Rss:                  64 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
7f0f60000000-7f0f60010000 r-xp 00000000 fe:00 2233 /usr/lib/unread.so
Rss:                   0 kB
VmFlags: rd ex mr mw me
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
VmFlags: ex
`

// Only code that can be read from its file again is forgotten: data, relocated
// or patched pages, swapped ones and compiled shaders would be lost.
func TestOnlyCleanCodeIsForgotten(t *testing.T) {
	want := []extent{{0x400000, 0xbe4000}, {0x7f0f2b200000, 0x7f0f31979000}}
	if got := cleanCode(someMaps); !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

func TestForgetCode(t *testing.T) {
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	if len(cleanCode(string(b))) == 0 {
		t.Error("this program itself is no code")
	}
	before := resident()
	if err := forgetCode(); err != nil {
		t.Fatal(err)
	}
	if after := resident(); after >= before {
		t.Errorf("%d bytes before, %d after", before, after)
	}
}

func FuzzCleanCode(f *testing.F) {
	f.Add(someMaps)
	f.Add("1-0 r-xp 0 0 0 /x\nVmFlags: a\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range cleanCode(s) {
			if c.from >= c.to {
				t.Fatal(c)
			}
		}
	})
}
