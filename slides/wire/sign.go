package wire

import (
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"

	"motcua/slides"
)

// Sign signs the parts, joined, under a context.
func Sign(key ed25519.PrivateKey, context string, parts ...[]byte) []byte {
	return ed25519.Sign(key, join(context, parts))
}

// Verify checks a signature made by Sign.
func Verify(key ed25519.PublicKey, sig []byte, context string, parts ...[]byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, join(context, parts), sig)
}

func join(context string, parts [][]byte) []byte {
	b := []byte(context)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// ServerProof is what a server signs under ContextServer to answer a challenge.
func ServerProof(kiosk string, client, server []byte, now slides.Millis) []byte {
	return binary.BigEndian.AppendUint64(KioskProof(kiosk, client, server), uint64(now))
}

// KioskProof is what a kiosk signs under ContextKiosk to open a socket.
func KioskProof(kiosk string, client, server []byte) []byte {
	b := append([]byte(kiosk), 0)
	b = append(b, client...)
	return append(b, server...)
}

// contexts says under which context each signed type is signed.
var contexts = map[Type]string{
	TWelcome: ContextWelcome, TSettings: ContextSettings, TManifest: ContextManifest,
	TCommand: ContextCommand, TAck: ContextAck, TTime: ContextTime,
}

// Seal makes the frame of a signed type; v is JSON-encoded unless it is []byte,
// which is carried as it is.
func Seal(key ed25519.PrivateKey, t Type, v any, blobs ...Inline) ([]byte, error) {
	payload, ok := v.([]byte)
	if !ok {
		var err error
		if payload, err = json.Marshal(v); err != nil {
			return nil, slides.E(slides.Broken, "wire.Seal", "Không tạo được bản tin.", "The frame can't be written.", err)
		}
	}
	return json.Marshal(Envelope{Type: t, Signed: payload, Sig: Sign(key, contexts[t], payload), Blobs: blobs})
}

// Plain makes the frame of an unsigned type.
func Plain(t Type, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, slides.E(slides.Broken, "wire.Plain", "Không tạo được bản tin.", "The frame can't be written.", err)
	}
	return json.Marshal(Envelope{Type: t, Body: body})
}

// Open reads a frame. With a key (the kiosk's side) a signed type must carry the
// server's signature; the server, whose kiosks sign inside their payloads,
// passes nil.
func Open(frame []byte, key ed25519.PublicKey) (*Envelope, error) {
	var e Envelope
	if err := json.Unmarshal(frame, &e); err != nil || e.Type == "" {
		return nil, slides.E(slides.Invalid, "wire.Open", "Bản tin không đọc được.", "The frame can't be read.", err)
	}
	if c, ok := contexts[e.Type]; ok && key != nil {
		if !Verify(key, e.Sig, c, e.Signed) {
			return nil, slides.E(slides.Denied, "wire.Open", "Chữ ký của bản tin không đúng.", "The frame's signature is wrong.", nil)
		}
	}
	return &e, nil
}

// Read decodes the envelope's payload into v.
func (e *Envelope) Read(v any) error {
	b := []byte(e.Body)
	if _, ok := contexts[e.Type]; ok && e.Signed != nil {
		b = e.Signed
	}
	if err := json.Unmarshal(b, v); err != nil {
		return slides.E(slides.Invalid, "wire.Read", "Nội dung bản tin "+string(e.Type)+" không đọc được.", "The payload of "+string(e.Type)+" can't be read.", err)
	}
	return nil
}
