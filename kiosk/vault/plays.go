package vault

import (
	"sync"

	"motcua/slides/wire"
)

// Plays keeps what was shown until the server has it. It may lose the last
// seconds before a power cut.
type Plays struct {
	v    *Vault
	mu   sync.Mutex
	list []wire.Play
	next uint64
}

func openPlays(v *Vault) (*Plays, error) { return &Plays{v: v, next: 1}, nil }

func (p *Plays) flush() error { return nil }

// Add keeps one play; its ID is given here.
func (p *Plays) Add(play wire.Play) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	play.ID = p.next
	p.next++
	p.list = append(p.list, play)
	return nil
}

// Batch returns up to max of the oldest plays not yet acknowledged.
func (p *Plays) Batch(max int) ([]wire.Play, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]wire.Play(nil), p.list[:min(max, len(p.list))]...), nil
}

// Ack says that the server has every play up to and with id.
func (p *Plays) Ack(id uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.list) > 0 && p.list[0].ID <= id {
		p.list = p.list[1:]
	}
	return nil
}
