package letter

import (
	"crypto/rand"
	"encoding/json"

	"golang.org/x/crypto/nacl/box"

	"motcua/slides"
)

// Seal encrypts a contact to the server's X25519 key: whoever takes a kiosk's
// disk finds no name on it. Key is slides.Terminal.Seal.
func Seal(key []byte, c Contact) ([]byte, error) {
	const op = "letter.Seal"
	if len(key) != 32 {
		return nil, slides.E(slides.Invalid, op, "Ki-ốt chưa có khóa niêm phong của máy chủ.", "The kiosk does not have the server's sealing key yet.", nil)
	}
	b, err := json.Marshal(c)
	if err == nil {
		b, err = box.SealAnonymous(nil, b, (*[32]byte)(key), rand.Reader)
	}
	if err != nil {
		return nil, slides.E(slides.Broken, op, "Không niêm phong được thông tin liên hệ.", "The contact can't be sealed.", err)
	}
	return b, nil
}

// Unseal reads what was sealed to public with its private key.
func Unseal(public, private *[32]byte, sealed []byte) (c Contact, err error) {
	b, ok := box.OpenAnonymous(nil, sealed, public, private)
	if !ok || json.Unmarshal(b, &c) != nil {
		return Contact{}, slides.E(slides.Corrupt, "letter.Unseal", "Không mở được thông tin liên hệ: niêm phong bằng khóa khác hoặc bị hỏng.",
			"The contact can't be opened: it was sealed to another key, or is damaged.", nil)
	}
	p := c.tidy()
	return c, p.Err("letter.Unseal")
}
