package vault

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"motcua/slides/chain"
)

// twelve makes a disk with a closed vault of 12 ratings, none acknowledged, one
// of them over several sectors.
func twelve(t *testing.T, o Options) (d *Memory, c chain.ID, hashes []chain.Hash) {
	t.Helper()
	d = NewMemory(64 << 20)
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	for i := 1; i <= 12; i++ {
		r := mustAppend(t, v, fmt.Sprint("r", i), map[bool]int{true: 1500, false: 10}[i == 5])
		c, hashes = r.Chain, append(hashes, r.Hash)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return d, c, hashes
}

// checkTwelve opens a damaged copy and says how many ratings were lost. Whatever
// was damaged: each of the twelve comes once or is stated as lost, twice in a
// row, and the chain goes on.
func checkTwelve(t *testing.T, d *Memory, o Options, what string) int {
	t.Helper()
	v := mustOpen(t, d, o)
	chains := v.Outbox().Chains()
	if len(chains) != 1 {
		t.Fatalf("%s: %d chains", what, len(chains))
	}
	c := chains[0].Identity.Chain
	mustAppend(t, v, "after", 10)
	for round := range 2 {
		got := deliver(t, v, c, 64)
		if got.names[13] != "after" && got.names[14] != "after" {
			t.Fatalf("%s: the chain did not go on: %v %v", what, got.names, got.lost)
		}
		for i := uint64(1); i <= 12; i++ {
			if got.names[i] != fmt.Sprint("r", i) && !got.lost[i] {
				t.Fatalf("%s: rating %d vanished: %v %v", what, i, got.names, got.lost)
			}
			if got.names[i] != "" && got.lost[i] {
				t.Fatalf("%s: rating %d was delivered and stated as lost", what, i)
			}
		}
		if round == 1 {
			v.Close()
			return len(got.lost)
		}
		v.Close()
		v = mustOpen(t, d, o)
	}
	return 0
}

// byteStep is 1 where every byte must have its turn (MOTCUA_FAULTS=long, as
// `make faults` sets it); else small, and prime to every field's length.
func byteStep() int {
	if os.Getenv("MOTCUA_FAULTS") == "long" {
		return 1
	}
	return 11
}

func TestFlipEveryByte(t *testing.T) {
	o := testOptions()
	d, c, _ := twelve(t, o)
	step := byteStep()
	for _, name := range outboxFiles(t, d, "outbox/"+c.String()) {
		size := 0
		d.Damage(name, func(b []byte) []byte { size = len(b); return b })
		if strings.HasSuffix(name, ".seg") {
			size = 20 * sector // what is behind are zeros
		}
		step := step
		if strings.Contains(name, "/spare-") {
			step = 4099 // all zeros: every byte is like the next
		}
		for off := 0; off < size; off += step {
			k := d.Clone()
			k.Damage(name, func(b []byte) []byte { b[off] ^= 1 << (off % 8); return b })
			lost := checkTwelve(t, k, o, fmt.Sprint(name, " byte ", off))
			if max := map[bool]int{true: 1, false: 0}[strings.HasSuffix(name, ".seg")]; lost > max {
				t.Fatalf("%s byte %d: %d ratings lost", name, off, lost)
			}
		}
	}
}

func TestTruncateEverywhere(t *testing.T) {
	o := testOptions()
	d, c, _ := twelve(t, o)
	step := byteStep()
	for _, name := range outboxFiles(t, d, "outbox/"+c.String()) {
		size := 0
		d.Damage(name, func(b []byte) []byte { size = len(b); return b })
		for off := 0; off < min(size, 20*sector); off += step {
			k := d.Clone()
			k.Damage(name, func(b []byte) []byte { return b[:off] })
			lost := checkTwelve(t, k, o, fmt.Sprint(name, " cut at ", off))
			if strings.HasSuffix(name, ".seg") {
				if off < sector && lost != 12 && off < 100 {
					t.Fatalf("cut at %d: %d lost, want all", off, lost)
				}
			} else if lost > 0 {
				t.Fatalf("%s cut at %d: %d lost", name, off, lost)
			}
		}
	}
}

// The mark must be durable before "Cảm ơn", or a power cut and then a rotten
// tail would hide a rating.
func TestPowerCutThenDamage(t *testing.T) {
	for seed := range uint64(200) {
		r := prng(seed)
		o := testOptions()
		d := NewMemory(64 << 20)
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		n := 1 + r.IntN(12)
		for i := 1; i <= n; i++ {
			mustAppend(t, v, fmt.Sprint("r", i), r.IntN(1200))
		}
		d = d.Reboot(r)
		dir := "outbox/" + testIdentity(7).Chain.String()
		end := 0
		d.Damage(dir+"/"+segmentName(1), func(b []byte) []byte {
			for off := 0; off < len(b); off += sector {
				if !zeros(b[off : off+sector]) {
					end = off + sector
				}
			}
			at := r.IntN(end)
			if r.IntN(2) == 0 {
				at = end - sector // the newest record's last sector
			}
			switch r.IntN(3) {
			case 0:
				return b[:at]
			case 1:
				clear(b[at/sector*sector : end])
			case 2:
				for i := at / sector * sector; i < at/sector*sector+sector; i++ {
					b[i] ^= 0x5A
				}
			}
			return b
		})
		v = mustOpen(t, d, o)
		got := deliver(t, v, testIdentity(7).Chain, 5)
		for i := 1; i <= n; i++ {
			if got.names[uint64(i)] != fmt.Sprint("r", i) && !got.lost[uint64(i)] {
				t.Fatalf("seed %d: rating %d of %d vanished", seed, i, n)
			}
		}
		if len(got.names)+len(got.lost) != n {
			t.Fatalf("seed %d: %d delivered, %d lost, want %d", seed, len(got.names), len(got.lost), n)
		}
	}
}
