//go:build !js

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"sync/atomic"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/dossier"
	"motcua/slides/raster"
	"motcua/slides/wire"
)

// line is the kiosk's way to its server: it pairs where there is no identity,
// connects, and pairs again where the server no longer knows the kiosk. What
// the screen shows and what citizens rate never wait for it.
type line struct {
	kiosk  *Kiosk
	server string
	out    io.Writer
	link   atomic.Pointer[link.Link]

	displayCommand string // static: the flag
}

// newLine prepares the line and lets the kiosk wake it; call it before Kiosk.Run.
func newLine(k *Kiosk, server string, out io.Writer) *line {
	n := &line{kiosk: k, server: server, out: out}
	k.saved = func() {
		if l := n.link.Load(); l != nil {
			l.Wake()
		}
	}
	k.missing = func() {
		if l := n.link.Load(); l != nil {
			l.Refetch()
		}
	}
	return n
}

// pinNote keeps the key of the server's self-made certificate.
const pinNote = "pin"

// run keeps the kiosk paired and connected until ctx ends.
func (n *line) run(ctx context.Context) error {
	v := n.kiosk.vault
	d, err := link.NewDialer(n.server, v.Note(pinNote), nil)
	if err != nil {
		return err
	}
	for {
		if _, ok := v.Identity(); !ok {
			if err := n.pair(ctx, d, ""); err != nil {
				return quiet(ctx, err)
			}
		}
		fmt.Fprintln(n.out, "paired") // whoever started us (motcua demo) goes on now
		l := link.New(v, d, n.hooks(), n.kiosk.log)
		n.link.Store(l)
		err := l.Run(ctx)
		n.link.Store(nil)
		switch {
		case ctx.Err() != nil:
			return nil
		case link.IsUnpaired(err):
			id, _ := v.Identity()
			d.Pin(nil) // the new pairing's words vouch for the server anew
			if err := n.pair(ctx, d, id.Kiosk); err != nil {
				return quiet(ctx, err)
			}
		default:
			n.kiosk.Notice(slides.Text{"vi": slides.Sentence(err, "vi"), "en": slides.Sentence(err, "en")})
			<-ctx.Done()
			return nil
		}
	}
}

// quiet drops the error of an end that was asked for.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// pair waits until staff have approved a code. A kiosk with content goes on
// showing it and only says the code in its notice.
func (n *line) pair(ctx context.Context, d *link.Dialer, previous string) error {
	k := n.kiosk
	key, err := k.vault.PairingKey()
	if err != nil {
		return err
	}
	showing := k.vault.Manifests().Active() != nil
	tell := func(p *player.Pairing, notice slides.Text) {
		if showing {
			k.Notice(notice)
		} else {
			k.Pairing(p)
		}
	}
	asking := slides.Text{"vi": "Ki-ốt cần ghép nối lại; đang xin mã.", "en": "This kiosk must be paired again; asking for a code."}
	tell(&player.Pairing{}, asking)
	id, err := link.Pair(ctx, d, key, previous, k.program, k.Hello().Screen, func(o link.Offer) {
		words := chain.Words(key.Public().(ed25519.PublicKey), o.Server, o.Code)
		tell(&player.Pairing{Code: o.Code, Approve: o.Approve, Words: words[:], Server: o.Server, Expires: time.Since(k.begun) + time.Until(o.Expires)},
			slides.Text{"vi": "Ki-ốt cần ghép nối lại, mã: " + o.Code, "en": "Pair this kiosk again, code: " + o.Code})
		fmt.Fprintln(n.out, "pair-code: "+o.Code)
	}, func(err error) {
		k.log.Info("pairing", "err", err)
		said := slides.Text{"vi": slides.Sentence(err, "vi"), "en": slides.Sentence(err, "en")}
		switch slides.KindOf(err) {
		case slides.Broken:
			said = slides.Text{
				"vi": "Không kết nối được máy chủ " + n.server + "; hãy kiểm tra mạng và địa chỉ -server. Ki-ốt sẽ tự thử lại.",
				"en": "The server " + n.server + " can't be reached; check the network and the -server address. The kiosk tries again by itself.",
			}
		case slides.NotFound:
			said = slides.Text{
				"vi": n.server + " không phải máy chủ Một Cửa; hãy kiểm tra địa chỉ -server.",
				"en": n.server + " is no Một Cửa server; check the -server address.",
			}
		}
		tell(&player.Pairing{Problem: said}, said)
	})
	if err != nil {
		return err
	}
	if err := k.vault.Pair(vault.Identity{
		Kiosk: id.Kiosk, Name: id.Name, Server: id.Server, Address: n.server, Chain: id.Chain, Class: id.Class, Epoch: id.Epoch,
	}); err != nil {
		return err
	}
	if err := k.vault.SaveNote(pinNote, id.Pin); err != nil {
		return err
	}
	k.Post(player.PlaceChanged{Place: player.Place{Kiosk: id.Kiosk, Name: id.Name}})
	tell(nil, nil)
	return nil
}

func (n *line) hooks() link.Hooks {
	k := n.kiosk
	return link.Hooks{
		Hello: k.Hello, Health: k.Health,
		Ready:    k.ApplyManifest,
		Settings: k.ApplySettings,
		Offset:   k.Learn,
		Mended:   k.Reload, Reload: k.Reload, Restart: k.Restart,
		Invite:  k.Invite,
		Say:     k.Say,
		Fault:   k.Fault,
		Display: func(ctx context.Context, on bool) error { return k.askDisplay(ctx, n.displayCommand, on) },
		Dossiers: func(now slides.Millis) *dossier.Batch {
			b, err := k.dossiers.next(now)
			if err != nil {
				k.Fault("vault", err.Error())
				return nil // what is not kept must not be sent: it would count twice
			}
			return b
		},
		DossiersKept: func(batch string) {
			if err := k.dossiers.kept(batch); err != nil {
				k.Fault("vault", err.Error())
			}
		},
		State: func(s link.State, _ error) {
			if s == link.Connected {
				k.Notice(nil)
			}
		},
		Shot: func(ctx context.Context) ([]byte, error) { return shot(ctx, k) },
	}
}

// shot encodes the screen for the studio: PNG, or JPEG where that is too large
// for a frame; a 4K screen is halved first.
func shot(ctx context.Context, k *Kiosk) ([]byte, error) {
	img, err := k.Screenshot(ctx)
	if err != nil {
		return nil, slides.E(slides.Broken, "shot", "Không chụp được màn hình.", "The screen can't be read.", err)
	}
	small := img
	if b := img.Bounds(); b.Dx() > 1920 || b.Dy() > 1920 {
		scale := 1920 / float64(max(b.Dx(), b.Dy()))
		small = raster.Scale(img, int(float64(b.Dx())*scale), int(float64(b.Dy())*scale), true)
	}
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, small); err != nil {
		return nil, err
	}
	if buf.Len() <= wire.MaxScreenshot {
		return buf.Bytes(), nil
	}
	buf.Reset()
	if err := jpeg.Encode(&buf, small, &jpeg.Options{Quality: 85}); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
