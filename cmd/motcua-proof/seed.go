package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"motcua/kiosk/vault"
	"motcua/server/opening"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/starter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// paired is a kiosk as both sides know it after its pairing.
type paired struct {
	id     string
	key    ed25519.PrivateKey
	chain  chain.ID
	class  string
	server ed25519.PublicKey
	epoch  string
	unit   string
}

func (k paired) publicKey() ed25519.PublicKey { return k.key.Public().(ed25519.PublicKey) }

// seed is what a data folder was filled with before the server started.
type seed struct {
	kiosks []paired
	unit   string
	zone   *time.Location
	forms  map[string]*survey.Questionnaire
	took   time.Duration // to pair
}

// fill opens the store in dir, loads the starter content and pairs n kiosks,
// through the very methods that the server's pairing uses; more, if not nil,
// goes on with the open store.
func fill(ctx context.Context, dir string, n int, more func(ctx context.Context, st *store.Store, s *seed) error) (*seed, error) {
	return fillWith(ctx, dir, n, func(*store.Starter) {}, more)
}

// fillWith is fill with the starter content changed.
func fillWith(ctx context.Context, dir string, n int, change func(*store.Starter), more func(ctx context.Context, st *store.Store, s *seed) error) (*seed, error) {
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- st.Run(run) }()
	s, err := fillOpen(ctx, st, n, change)
	if err == nil && more != nil {
		err = more(ctx, st, s)
	}
	stop()
	<-done
	if cerr := st.Close(); err == nil {
		err = cerr
	}
	return s, err
}

func fillOpen(ctx context.Context, st *store.Store, n int, change func(*store.Starter)) (*seed, error) {
	s, err := forms()
	if err != nil {
		return nil, err
	}
	content, err := starter.Load()
	if err != nil {
		return nil, err
	}
	in, err := opening.Bring(content)
	if err != nil {
		return nil, err
	}
	change(&in)
	if _, err := st.ImportStarter(ctx, store.Actor{}, in); err != nil {
		return nil, fmt.Errorf("starter content: %w", err)
	}
	begun := time.Now()
	for i := range n {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		k, err := pair(ctx, st, s.unit, fmt.Sprintf("Ki-ốt %d", i+1), key)
		if err != nil {
			return nil, fmt.Errorf("pairing kiosk %d: %w", i+1, err)
		}
		s.kiosks = append(s.kiosks, k)
	}
	s.took = time.Since(begun)
	return s, nil
}

// pair makes the screen with that key a kiosk, as staff would.
func pair(ctx context.Context, st *store.Store, unit, name string, key ed25519.PrivateKey) (paired, error) {
	pub := key.Public().(ed25519.PublicKey)
	nonce := make([]byte, 32)
	rand.Read(nonce) // never fails (crypto/rand)
	p, err := st.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: nonce, Screen: wire.Screen{W: 1920, H: 1080}, Program: "motcua-proof"})
	if err != nil {
		return paired{}, err
	}
	k, err := st.ApprovePairing(ctx, store.Actor{Name: "motcua-proof"}, store.Approval{
		Pairing: p.ID, KioskEdit: store.KioskEdit{Name: name, Unit: unit, Lang: "vi", Audience: slides.Public},
	})
	if err != nil {
		return paired{}, err
	}
	return paired{
		id: k.ID, key: key, chain: k.Chain, class: k.Class, unit: k.Unit, epoch: st.Epoch(),
		server: st.ServerKey().Public().(ed25519.PublicKey),
	}, nil
}

// pairVault pairs a vault with the store.
func pairVault(ctx context.Context, st *store.Store, v *vault.Vault, s *seed, name string) (paired, error) {
	key, err := v.PairingKey()
	if err != nil {
		return paired{}, err
	}
	k, err := pair(ctx, st, s.unit, name, key)
	if err != nil {
		return k, err
	}
	return k, v.Pair(vault.Identity{Kiosk: k.id, Name: name, Server: k.server, Chain: k.chain, Class: k.class, Epoch: k.epoch, Paired: st.Now()})
}

// pairFolder makes a paired vault in a folder.
func pairFolder(ctx context.Context, st *store.Store, dir string, s *seed, name string) (k paired, err error) {
	v, err := vault.OpenFolder(dir, vault.Options{SegmentSize: 128 << 10, Spares: 1})
	if err != nil {
		return k, err
	}
	k, err = pairVault(ctx, st, v, s, name)
	return k, errors.Join(err, v.Close())
}
