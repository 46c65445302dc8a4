package vault

import (
	"strconv"

	"motcua/slides"
)

// clockStep is how far the known time may run ahead of the kept one.
const clockStep = slides.Millis(60_000)

func (v *Vault) loadClock() {
	b, err := readTwice(v.disk, "clock")
	if err != nil {
		return
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		v.last, v.kept = slides.Millis(n), slides.Millis(n)
	}
}

// LastTime is the newest moment that this kiosk has known, at most a minute
// behind after a power cut; 0 if none. A clock that shows less is wrong.
func (v *Vault) LastTime() slides.Millis {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// KeepTime remembers that it is now t. A time of the kiosk's own clock only
// moves forward; a trusted one (signed by the server) may also move back, or a
// clock once a year ahead would be believed for that year. Written at most
// once a minute, and at once where trust moves it back.
func (v *Vault) KeepTime(t slides.Millis, trusted bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	back := t < v.last
	if back && !trusted {
		return nil
	}
	v.last = t
	if t >= v.kept && t < v.kept+clockStep {
		return nil
	}
	if back && t+clockStep > v.kept {
		return nil
	}
	if err := writeTwice(v.disk, "clock", strconv.AppendInt(nil, int64(t), 10)); err != nil {
		return broken("vault.KeepTime", err)
	}
	v.kept = t
	return nil
}
