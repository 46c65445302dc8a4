package auth

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"motcua/server/store"
	"motcua/slides"
)

// Passkeys (WebAuthn). The authenticator must verify its user, so one opens an
// account without password and second step. Keys are bound to the host of the
// studio's address: with another host staff sign in otherwise and add new ones.

const (
	stepPasskey  = "passkey"  // adding one
	stepPasskeys = "passkeys" // signing in with one
)

// PasskeysAt says whether browsers let pages of an origin ("https://host:port")
// use passkeys: over TLS or on this machine, by a name and not a number.
func PasskeysAt(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return false
	}
	return u.Scheme == "https" || u.Hostname() == "localhost"
}

func relyingParty(origin string) (*webauthn.WebAuthn, error) {
	const op = "auth.relyingParty"
	u, err := url.Parse(origin)
	if err != nil || !PasskeysAt(origin) {
		return nil, slides.E(slides.Invalid, op, "Khóa đăng nhập chỉ dùng được khi mở trang quản trị bằng https và tên miền.", "Passkeys need the studio's address to be https with a host name.", err)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Một Cửa", RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil, slides.E(slides.Broken, op, "Không dùng được khóa đăng nhập.", "Passkeys can't be used.", err)
	}
	return w, nil
}

// holder is a user as WebAuthn wants one. The handle that authenticators keep
// is the user's id, which says nothing of them.
type holder struct {
	user store.User
	keys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h *holder) WebAuthnName() string                       { return h.user.Login }
func (h *holder) WebAuthnDisplayName() string                { return h.user.Name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (g *Guard) holder(ctx context.Context, u store.User) (*holder, error) {
	h := &holder{user: u}
	list, err := g.store.Passkeys(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Credential, &c); err != nil {
			return nil, slides.E(slides.Corrupt, "auth.holder", "Một khóa đăng nhập lưu trong cơ sở dữ liệu không đọc được.", "A stored passkey can't be read.", err)
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// keepStep remembers what a ceremony must find again, for StepLife.
func (g *Guard) keepStep(ctx context.Context, kind, user string, body any) (token string, err error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	token = NewToken()
	return token, g.store.KeepStep(ctx, store.Step{Hash: Digest(token), Kind: kind, User: user, Body: b, Expires: g.store.Now() + slides.Millis(StepLife.Milliseconds())})
}

// takeStep ends a step and reads what it remembered.
func (g *Guard) takeStep(ctx context.Context, token, kind string, body any) (store.Step, error) {
	n, err := g.store.Step(ctx, Digest(token), kind, true)
	if err == nil {
		err = json.Unmarshal(n.Body, body)
	}
	return n, err
}

// BeginPasskey starts to add a passkey: options for the browser, and the token
// of the step.
func (g *Guard) BeginPasskey(ctx context.Context, origin string, s *Session) (options []byte, step string, err error) {
	w, err := relyingParty(origin)
	if err != nil {
		return nil, "", err
	}
	h, err := g.holder(ctx, s.User)
	if err != nil {
		return nil, "", err
	}
	creation, data, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, "", slides.E(slides.Broken, "auth.BeginPasskey", "Không bắt đầu thêm khóa được.", "Adding a passkey can't begin.", err)
	}
	if options, err = json.Marshal(creation.Response); err != nil {
		return nil, "", err
	}
	step, err = g.keepStep(ctx, stepPasskey, s.User.ID, data)
	return options, step, err
}

// FinishPasskey keeps the passkey that the browser made. Kinds Denied (the step
// has expired) and Invalid.
func (g *Guard) FinishPasskey(ctx context.Context, origin string, s *Session, step, name string, response []byte) error {
	const op = "auth.FinishPasskey"
	w, err := relyingParty(origin)
	if err != nil {
		return err
	}
	var data webauthn.SessionData
	n, err := g.takeStep(ctx, step, stepPasskey, &data)
	if err != nil {
		return err
	}
	h, err := g.holder(ctx, s.User)
	if err != nil {
		return err
	}
	bad := func(err error) error {
		return slides.E(slides.Invalid, op, "Trình duyệt không tạo được khóa hợp lệ; hãy thử lại.", "The browser made no valid passkey; try again.", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil || n.User != s.User.ID {
		return bad(err)
	}
	c, err := w.CreateCredential(h, data, parsed)
	if err != nil {
		return bad(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if name = slides.Clean(name); name == "" {
		name = "Khóa đăng nhập"
	}
	return g.store.AddPasskey(ctx, s.Actor(), store.Passkey{ID: hex.EncodeToString(c.ID), User: s.User.ID, Name: name, Credential: b})
}

// BeginPasskeySignIn starts a sign-in with whatever passkey the browser offers.
func (g *Guard) BeginPasskeySignIn(ctx context.Context, origin, addr string) (options []byte, step string, err error) {
	if err := g.brake(ctx, AddressKey(addr), FreeTriesAddress); err != nil {
		return nil, "", err
	}
	w, err := relyingParty(origin)
	if err != nil {
		return nil, "", err
	}
	assertion, data, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", slides.E(slides.Broken, "auth.BeginPasskeySignIn", "Không bắt đầu đăng nhập bằng khóa được.", "A sign-in with a passkey can't begin.", err)
	}
	if options, err = json.Marshal(assertion.Response); err != nil {
		return nil, "", err
	}
	step, err = g.keepStep(ctx, stepPasskeys, "", data)
	return options, step, err
}

// FinishPasskeySignIn lets in the holder of the passkey that answered. Kinds
// Denied and Throttled.
func (g *Guard) FinishPasskeySignIn(ctx context.Context, origin, step string, response []byte, a Attempt) (*Granted, error) {
	const op = "auth.FinishPasskeySignIn"
	if err := g.brake(ctx, AddressKey(a.Addr), FreeTriesAddress); err != nil {
		return nil, err
	}
	w, err := relyingParty(origin)
	if err != nil {
		return nil, err
	}
	var data webauthn.SessionData
	if _, err := g.takeStep(ctx, step, stepPasskeys, &data); err != nil {
		return nil, err
	}
	refused := func(cause error) error {
		if _, err := g.store.Failed(ctx, AddressKey(a.Addr), ForgetAfter); err != nil {
			return err
		}
		return slides.E(slides.Denied, op, "Khóa này không mở được tài khoản nào ở đây; hãy đăng nhập bằng mật khẩu.", "This passkey opens no account here; sign in with the password.", cause)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, refused(err)
	}
	var h *holder
	c, err := w.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		u, err := g.store.User(ctx, string(handle))
		if err != nil {
			return nil, err
		}
		h, err = g.holder(ctx, u)
		return h, err
	}, data, parsed)
	if err != nil {
		return nil, refused(err)
	}
	if h.user.Disabled || c.Authenticator.CloneWarning {
		return nil, refused(nil)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if err := g.store.PasskeyUsed(ctx, store.Passkey{ID: hex.EncodeToString(c.ID), Credential: b}); err != nil {
		return nil, err
	}
	a.Login = h.user.Login
	return g.open(ctx, h.user, a)
}
