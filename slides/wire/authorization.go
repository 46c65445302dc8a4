package wire

import (
	"encoding/base64"
	"strings"
)

// Authorization is the value of the header that opens a socket.
func Authorization(kiosk string, client, nonce, sig []byte) string {
	b64 := base64.StdEncoding.EncodeToString
	return `Motcua kiosk="` + kiosk + `", client="` + b64(client) + `", nonce="` + b64(nonce) + `", sig="` + b64(sig) + `"`
}

// ParseAuthorization reads what Authorization wrote; ok is false for anything else.
func ParseAuthorization(header string) (kiosk string, client, nonce, sig []byte, ok bool) {
	rest, ok := strings.CutPrefix(header, "Motcua ")
	if !ok || len(header) > 1024 {
		return "", nil, nil, nil, false
	}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found || len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
			return "", nil, nil, nil, false
		}
		value = value[1 : len(value)-1]
		var into *[]byte
		switch name {
		case "kiosk":
			kiosk = value
			continue
		case "client":
			into = &client
		case "nonce":
			into = &nonce
		case "sig":
			into = &sig
		default:
			continue
		}
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return "", nil, nil, nil, false
		}
		*into = b
	}
	return kiosk, client, nonce, sig, kiosk != "" && len(client) == 32 && len(nonce) == 32 && len(sig) == 64
}
