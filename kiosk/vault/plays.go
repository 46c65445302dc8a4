package vault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"sync"

	"motcua/slides"
	"motcua/slides/wire"
)

// Plays keeps what was shown until the server has it, apart from the ratings. It
// may lose the last seconds before a power cut. Where there are too many, or
// space is short, the oldest become sums by slide and hour.
type Plays struct {
	v      *Vault
	mu     sync.Mutex
	state  playState   // guarded by mu
	list   []wire.Play // guarded by mu: not acknowledged, in order of ID
	file   File        // guarded by mu: plays/log
	size   int64       // guarded by mu: of file
	loose  int         // guarded by mu: plays since the last Sync
	synced slides.Millis
	summed int // guarded by mu: plays that the last collapse left
}

// playState is the twice-written file "plays/state".
type playState struct {
	Acked   uint64 `json:"acked"`
	Offered uint64 `json:"offered"` // the newest ID ever given to Batch's caller
	Lost    int    `json:"lost"`
}

// A play is forgotten in a power cut at most this long, or this many of them.
const (
	playSync  = slides.Millis(10_000)
	playLoose = 16
	playLog   = "plays/log"
	maxPlay   = 4096 // bytes of a line
)

func openPlays(v *Vault) (*Plays, error) {
	p := &Plays{v: v}
	raw, err := readTwice(v.disk, "plays/state")
	if err == nil {
		err = json.Unmarshal(raw, &p.state)
	}
	if err != nil && !missing(err) {
		v.damaged("plays")
	}
	raw, err = readFile(v.disk, playLog, 1<<30)
	if err != nil && !missing(err) && !unreadable(err) {
		return nil, err
	}
	last := p.state.Acked
	for _, q := range parsePlays(raw) {
		if q.ID > last {
			p.list = append(p.list, q)
			last = q.ID
		}
	}
	return p, p.rewrite()
}

// next is the ID of the next play: above all that the server may have seen.
func (p *Plays) next() uint64 {
	n := max(p.state.Acked, p.state.Offered)
	if k := len(p.list); k > 0 {
		n = max(n, p.list[k-1].ID)
	}
	return n + 1
}

// playLine is "<CRC-32C in hex> <JSON>\n".
func playLine(q wire.Play) []byte {
	b, err := json.Marshal(q)
	if err != nil {
		panic(err) // a struct of numbers and strings
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(b, castagnoli), b)
}

// parsePlays reads the good lines; the others were torn by a power cut.
func parsePlays(raw []byte) (plays []wire.Play) {
	for len(raw) > 0 {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		var q wire.Play
		if len(line) < 9 || line[8] != ' ' {
			continue
		}
		sum, err := strconv.ParseUint(string(line[:8]), 16, 32)
		if err == nil && uint32(sum) == crc32.Checksum(line[9:], castagnoli) && json.Unmarshal(line[9:], &q) == nil {
			plays = append(plays, q)
		}
	}
	return plays
}

// Add keeps one play; its ID is given here. Kind Invalid: its names are too long.
func (p *Plays) Add(play wire.Play) error {
	const op = "vault.Plays.Add"
	p.mu.Lock()
	defer p.mu.Unlock()
	play.ID = p.next()
	line := playLine(play)
	if len(line) > maxPlay {
		return slides.E(slides.Invalid, op, "Lượt phát có tên quá dài.", "The play's names are too long.", nil)
	}
	p.list = append(p.list, play)
	free, err := p.v.disk.Free()
	if err != nil {
		return broken(op, err)
	}
	if len(p.list) > p.v.opt.MaxPlays || free < p.v.opt.Reserve/2 && len(p.list) > 2*p.summed+64 {
		p.collapse()
		return broken(op, p.rewrite())
	}
	if p.file == nil {
		return broken(op, p.rewrite())
	}
	if _, err := p.file.WriteAt(line, p.size); err != nil {
		if !full(err) {
			return broken(op, err)
		}
		p.collapse()
		return broken(op, p.rewrite())
	}
	p.size += int64(len(line))
	p.loose++
	if now := p.v.opt.Now(); p.loose >= playLoose || now >= p.synced+playSync || now < p.synced {
		return broken(op, p.sync())
	}
	return nil
}

func (p *Plays) sync() error {
	if p.loose == 0 || p.file == nil {
		return nil
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	p.loose, p.synced = 0, p.v.opt.Now()
	return nil
}

func (p *Plays) flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sync()
}

// rewrite makes the log hold the list and nothing else.
func (p *Plays) rewrite() error {
	var b []byte
	for _, q := range p.list {
		b = append(b, playLine(q)...)
	}
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
	err := writeFile(p.v.disk, playLog, b)
	if full(err) && p.v.disk.Remove(playLog) == nil { // two of them did not fit
		err = writeFile(p.v.disk, playLog, b)
	}
	if err != nil {
		return err
	}
	f, err := p.v.disk.Open(playLog)
	if err != nil {
		return err
	}
	p.file, p.size, p.loose, p.synced = f, int64(len(b)), 0, p.v.opt.Now()
	return nil
}

// collapse turns the older plays into sums by slide, blob and hour, leaving out
// those that were given to Batch: the server may have them. What is still too
// many goes, oldest first, and is counted.
func (p *Plays) collapse() {
	type key struct {
		slide, blob, procedure string
		hour                   slides.Millis
	}
	const hour = 3_600_000
	keep := p.v.opt.MaxPlays / 2
	sums := map[key]int{} // place in out
	var out []wire.Play
	for i, q := range p.list {
		k := key{q.Slide, q.Blob, q.Procedure, q.From / hour}
		if q.ID <= p.state.Offered || len(p.list)-i <= keep/4 {
			out = append(out, q)
			continue
		}
		if n := q.Times(); q.Count == 0 && n > 0 {
			q.Count, q.Seconds = n, float64(q.Until-q.From)/1000
		}
		at, ok := sums[k]
		if !ok {
			sums[k] = len(out)
			out = append(out, q)
			continue
		}
		s := &out[at]
		s.Until = max(s.Until, q.Until)
		s.Count += q.Count
		s.Seconds += q.Seconds
		s.Yes += q.Yes
		s.No += q.No
	}
	for len(out) > keep {
		p.state.Lost += max(out[0].Times(), out[0].Yes+out[0].No)
		out = out[1:]
	}
	p.list, p.summed = out, len(out)
}

// Batch returns up to limit of the oldest plays not yet acknowledged, the same
// ones until Ack.
func (p *Plays) Batch(limit int) ([]wire.Play, error) {
	const op = "vault.Plays.Batch"
	p.mu.Lock()
	defer p.mu.Unlock()
	out := append([]wire.Play(nil), p.list[:min(limit, len(p.list))]...)
	if len(out) == 0 {
		return nil, nil
	}
	last := out[len(out)-1].ID
	if last > p.state.Offered {
		old := p.state
		p.state.Offered = last
		if err := p.save(); err != nil {
			p.state = old
			return nil, broken(op, err)
		}
	}
	return out, nil
}

// Ack says that the server has every play up to and with id.
func (p *Plays) Ack(id uint64) error {
	const op = "vault.Plays.Ack"
	p.mu.Lock()
	defer p.mu.Unlock()
	if id > p.state.Offered {
		return slides.E(slides.Conflict, op, "Máy chủ xác nhận lượt phát chưa gửi.", "The server acknowledged a play that was not sent.", nil)
	}
	if id <= p.state.Acked {
		return nil
	}
	p.state.Acked = id
	n := 0
	for n < len(p.list) && p.list[n].ID <= id {
		n++
	}
	p.list = append([]wire.Play(nil), p.list[n:]...)
	if err := p.save(); err != nil {
		return broken(op, err)
	}
	if len(p.list) == 0 || p.size > 1<<20 {
		return broken(op, p.rewrite())
	}
	return nil
}

func (p *Plays) save() error {
	raw, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	return writeTwice(p.v.disk, "plays/state", raw)
}

func (p *Plays) lostSoFar() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.Lost
}
