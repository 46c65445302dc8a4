package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"motcua/server/store"
	"motcua/slides"
)

// The second step of signing in: a code of an authenticator app (RFC 6238,
// SHA-1, six digits, 30 s, which is what the apps know), or a recovery code.
const (
	totpPeriod    = 30
	totpSkew      = 1  // steps before and after: phones' clocks are not exact
	recoveryCodes = 10 // a sheet to print
	// StepLife is how long the second step may take.
	StepLife = 10 * time.Minute
)

const stepSecond = "second"

// pass lets in who has shown a password: at once, or after a second step.
func (g *Guard) pass(ctx context.Context, u store.User, a Attempt) (*Granted, error) {
	if len(u.TOTP) == 0 {
		return g.open(ctx, u, a)
	}
	token := NewToken()
	return &Granted{User: u, Step: token}, g.store.KeepStep(ctx, store.Step{
		Hash: Digest(token), Kind: stepSecond, User: u.ID, Body: []byte("{}"), Expires: g.store.Now() + slides.Millis(StepLife.Milliseconds()),
	})
}

// SecondStep ends a sign-in by a code. Kinds: Denied (wrong, or the step has
// expired), Throttled.
func (g *Guard) SecondStep(ctx context.Context, step, code string, a Attempt) (*Granted, error) {
	d := Digest(step)
	n, err := g.store.Step(ctx, d, stepSecond, false)
	if err != nil {
		return nil, err
	}
	u, err := g.store.User(ctx, n.User)
	if err != nil {
		return nil, err
	}
	key := "second:" + u.ID
	if err := g.spend(ctx, key, FreeTries); err != nil {
		return nil, err
	}
	actor := store.Actor{User: u.ID, Name: u.Name, Addr: a.Addr}
	ok, err := g.checkCode(ctx, u, code, actor)
	if err != nil {
		return nil, err
	}
	if !ok || u.Disabled {
		if err := g.store.AddAudit(ctx, store.Actor{Addr: a.Addr}, "sign-in.refused", "user:"+u.ID, nil); err != nil {
			return nil, err
		}
		return nil, slides.E(slides.Denied, "auth.SecondStep", "Mã không đúng hoặc đã dùng. Hãy đợi mã mới trên điện thoại rồi nhập lại.", "The code is wrong or was used. Wait for a new one on the phone and enter that.", nil)
	}
	if err := g.store.Forgive(ctx, key); err != nil {
		return nil, err
	}
	if _, err := g.store.Step(ctx, d, stepSecond, true); err != nil {
		return nil, err // another window was first with it
	}
	a.Login = u.Login
	return g.open(ctx, u, a)
}

// checkCode says whether a code opens the second step, and spends it.
func (g *Guard) checkCode(ctx context.Context, u store.User, code string, a store.Actor) (bool, error) {
	code = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, clip(slides.Clean(code), 40)))
	if len(code) != 6 {
		return g.store.UseRecovery(ctx, a, u.ID, g.recoveryHash(u.ID, code))
	}
	secret, err := g.unseal(u.ID, u.TOTP)
	if err != nil {
		return false, err
	}
	step, ok := matchStep(secret, code, g.store.Now().Time())
	if !ok {
		return false, nil
	}
	return g.store.UseTOTP(ctx, u.ID, step)
}

// matchStep finds the step near now whose code it is.
func matchStep(secret, code string, now time.Time) (int64, bool) {
	at := now.Unix() / totpPeriod
	for step := at - totpSkew; step <= at+totpSkew; step++ {
		if ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}); err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

// NewTOTP is a fresh secret for a person: the address for the QR, the secret in
// letters, and the same sealed, for ConfirmTOTP.
func (g *Guard) NewTOTP(s *Session) (address, secret, sealed string, err error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Một Cửa", AccountName: s.User.Login, Period: totpPeriod, Algorithm: otp.AlgorithmSHA1, Digits: otp.DigitsSix})
	if err != nil {
		return "", "", "", slides.E(slides.Broken, "auth.NewTOTP", "Không tạo được khóa xác thực.", "The secret can't be made.", err)
	}
	b, err := g.seal(s.User.ID, k.Secret())
	return k.URL(), k.Secret(), base64.RawURLEncoding.EncodeToString(b), err
}

// TOTPAddress is the address for the QR of a sealed secret that is shown again.
func (g *Guard) TOTPAddress(s *Session, sealed string) (address, secret string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		secret, err = g.unseal(s.User.ID, b)
	}
	if err != nil {
		return "", "", slides.E(slides.Invalid, "auth.TOTPAddress", "Biểu mẫu đã cũ; hãy mở lại trang này.", "The form is stale; open this page again.", err)
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", "", slides.E(slides.Broken, "auth.TOTPAddress", "Không đọc được khóa xác thực.", "The secret can't be read.", err)
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Một Cửa", AccountName: s.User.Login, Period: totpPeriod, Algorithm: otp.AlgorithmSHA1, Digits: otp.DigitsSix, Secret: raw})
	if err != nil {
		return "", "", slides.E(slides.Broken, "auth.TOTPAddress", "Không đọc được khóa xác thực.", "The secret can't be read.", err)
	}
	return k.URL(), secret, nil
}

// ConfirmTOTP turns the second step on once the phone shows the right code, and
// gives the recovery codes: they are nowhere else. Kind Invalid with a problem at "code".
func (g *Guard) ConfirmTOTP(ctx context.Context, s *Session, sealed, code string) ([]string, error) {
	const op = "auth.ConfirmTOTP"
	_, secret, err := g.TOTPAddress(s, sealed)
	if err != nil {
		return nil, err
	}
	if _, ok := matchStep(secret, strings.ReplaceAll(slides.Clean(clip(code, 40)), " ", ""), g.store.Now().Time()); !ok {
		var p slides.Problems
		p.Add("code", "Mã không khớp. Hãy xem giờ trên điện thoại có đúng không rồi nhập mã mới nhất.", "The code does not match. Check that the phone's clock is right and enter the newest code.")
		return nil, p.Err(op)
	}
	var codes, hashes []string
	for range recoveryCodes {
		c := rand.Text()[:10] // 50 random bits, behind a keyed hash and the brake
		codes = append(codes, c[:5]+"-"+c[5:])
		hashes = append(hashes, g.recoveryHash(s.User.ID, c))
	}
	b, err := g.seal(s.User.ID, secret)
	if err != nil {
		return nil, err
	}
	return codes, g.store.SetTOTP(ctx, s.Actor(), s.User.ID, b, hashes)
}

// DropTOTP turns the second step off. Kinds: Invalid with a problem at "current", Throttled.
func (g *Guard) DropTOTP(ctx context.Context, s *Session, password string) error {
	if err := g.confirm(ctx, s, password, "auth.DropTOTP"); err != nil {
		return err
	}
	return g.store.SetTOTP(ctx, s.Actor(), s.User.ID, nil, nil)
}

// recoveryHash is keyed: who reads the database alone can't try codes.
func (g *Guard) recoveryHash(user, code string) string {
	m := hmac.New(sha256.New, g.device)
	m.Write([]byte("recovery\x00" + user + "\x00" + code))
	return hex.EncodeToString(m.Sum(nil))
}

// seal encrypts a secret under the server's key, bound to its user.
func (g *Guard) seal(user, secret string) ([]byte, error) {
	box, err := g.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return box.Seal(nonce, nonce, []byte(secret), []byte("totp\x00"+user)), nil
}

func (g *Guard) unseal(user string, sealed []byte) (string, error) {
	box, err := g.box()
	if err != nil {
		return "", err
	}
	if len(sealed) >= box.NonceSize() {
		var b []byte
		if b, err = box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte("totp\x00"+user)); err == nil {
			return string(b), nil
		}
	}
	return "", slides.E(slides.Corrupt, "auth.unseal", "Khóa xác thực hai bước không đọc được; quản trị viên hãy tắt xác thực hai bước của tài khoản này.",
		"The secret of the second step can't be read; an administrator must turn it off for this account.", err)
}

func (g *Guard) box() (cipher.AEAD, error) {
	b, err := aes.NewCipher(g.sealing)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
