// Package hook sends webhooks: it tells other systems what happened here.
//
// What is to be told is written by the store in the transaction of what it
// tells, so nothing is told that did not happen, and nothing is forgotten by a
// server that falls between the two. Each delivery is claimed for a minute by one
// server, sent as a POST with a body of
//
//	{"id":"ev-…","type":"publication.live","at":1700000000000,"unit":"so","data":{…}}
//
// and settled by the answer: 2xx is taken; anything else, a redirect too, is
// tried again after 10 s, 20 s, 40 s … up to an hour. After a day the webhook is
// turned off, and its page says why. So a delivery comes at least once, and now
// and then twice or out of order: "id" is the same each time.
//
// Deliveries are signed as the Standard Webhooks have it (standardwebhooks.com,
// for which receivers find libraries), rather than in a way of our own:
// "webhook-id", "webhook-timestamp" (seconds since 1970 UTC) and
// "webhook-signature", which is "v1," and the base64 of the HMAC-SHA256 over
// "{id}.{timestamp}.{body}" under the secret that was shown once ("whsec_" and
// the base64 of its bytes). For a day after the secret was renewed there are two
// signatures, parted by a blank: of the new one and of the one before.
//
// The events: publication.live and publication.recalled {revision, items, note};
// submission.waiting {submission, title}; kiosk.silent {incident, kiosk, name, since}
// and kiosk.back {incident, kiosk, name, since, opened}, moments in ms; import.done {import, new, changed, rejected};
// letter.received {letter, category, channel}, which says nothing of what was
// written and comes when the hour is over in which it was; test {hook}.
//
// A server of ours must not be made to knock at doors of the inner network:
// addresses that are not public are refused when dialling, after the name was
// resolved, unless Options.Private allows them.
package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
)

const (
	// timeout of one try, from the look-up of the name to the end of the answer.
	timeout = 10 * time.Second
	// lease is longer than any try: who holds one has answered by then or is dead.
	lease = time.Minute
	// atOnce bounds tries at the same time; one of each webhook.
	atOnce = 8
	// look is how often deliveries are looked for that are due by time.
	look = 5 * time.Second
	// maxAnswer is what is read of an answer, so that the connection can be kept.
	maxAnswer = 64 << 10
)

// Options of a Sender. The zero value serves.
type Options struct {
	Log     *slog.Logger // default: discards
	Private bool         // addresses of the inner network may be called
	Jitter  func() float64
	Look    time.Duration // default 5 s
	Timeout time.Duration // of one try, default 10 s
}

// Sender delivers. Static after New.
type Sender struct {
	store  *store.Store
	opt    Options
	client *http.Client
}

// New makes a sender over a store.
func New(st *store.Store, o Options) *Sender {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Look == 0 {
		o.Look = look
	}
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	dialer := &net.Dialer{Timeout: o.Timeout}
	if !o.Private {
		dialer.Control = limits.Outward(limits.Public)
	}
	return &Sender{store: st, opt: o, client: &http.Client{
		Timeout: o.Timeout,
		// No proxy of the environment: it would resolve the name itself.
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Run sends what is due until ctx ends; what it breaks off then is sent again by
// who runs next.
func (s *Sender) Run(ctx context.Context) error {
	woken, stop := s.store.Watch()
	defer stop()
	defer s.client.CloseIdleConnections()
	tick := time.NewTicker(s.opt.Look)
	defer tick.Stop()
	var g errgroup.Group
	free := make(chan struct{}, atOnce)
	failing := false
	for {
		list, err := s.store.ClaimDeliveries(ctx, atOnce-len(free), lease)
		switch {
		case err != nil && ctx.Err() == nil && !failing:
			s.opt.Log.Error("webhooks can't be read", "err", err)
			failing = true
		case err == nil:
			failing = false
		}
		for _, m := range list {
			free <- struct{}{}
			g.Go(func() error {
				s.deliver(ctx, m)
				<-free
				return nil
			})
		}
		select {
		case <-ctx.Done():
			return g.Wait()
		case <-woken:
		case <-tick.C:
		}
	}
}

// deliver tries one message and settles it. A try that ctx broke off stays
// claimed, and is made again when the lease has ended.
func (s *Sender) deliver(ctx context.Context, m store.Message) {
	status, fault := s.post(ctx, m)
	if fault != nil && ctx.Err() != nil {
		return
	}
	// An answer that came counts, even if we are stopping.
	if err := s.store.Settle(context.WithoutCancel(ctx), m, status, fault, s.opt.Jitter()); err != nil {
		s.opt.Log.Error("a webhook's answer can't be kept", "hook", m.Hook, "delivery", m.ID, "err", err)
	}
}

// post sends a message; fault is nil where the receiver took it.
func (s *Sender) post(ctx context.Context, m store.Message) (status int, fault slides.Text) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return 0, slides.Text{"vi": "Địa chỉ không dùng được.", "en": "The address can't be used."}
	}
	at := s.store.Now().Time().Unix()
	h := r.Header
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("User-Agent", "MotCua-Webhook/1")
	h.Set("webhook-id", m.ID)
	h.Set("webhook-timestamp", strconv.FormatInt(at, 10))
	h.Set("webhook-signature", Sign(m.ID, at, m.Body, m.Secrets...))
	a, err := s.client.Do(r)
	if err != nil {
		return 0, s.why(err)
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(a.Body, maxAnswer)); err != nil {
		return a.StatusCode, s.why(err)
	}
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return a.StatusCode, slides.Text{"vi": fmt.Sprintf("Bên nhận trả lời %d.", a.StatusCode), "en": fmt.Sprintf("The receiver answered %d.", a.StatusCode)}
	}
	return a.StatusCode, nil
}

// why puts a failed try in words. The error's own words stay in the log: they
// would tell whoever made the webhook what our network looks like.
func (s *Sender) why(err error) slides.Text {
	var asked *url.Error
	if errors.As(err, &asked) {
		s.opt.Log.Debug("webhook", "err", asked.Err) // without the address, which may carry a token
	} else {
		s.opt.Log.Debug("webhook", "err", err)
	}
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case errors.Is(err, limits.ErrNotPublic):
		return slides.Text{"vi": "Địa chỉ nằm trong mạng nội bộ; máy chủ chỉ gọi tới đó khi chạy với -hook-private.", "en": "The address is in the inner network; the server calls it only when run with -hook-private."}
	case errors.As(err, &dns):
		return slides.Text{"vi": "Không tìm thấy tên máy chủ của bên nhận.", "en": "The receiver's name can't be found."}
	case errors.As(err, &netErr) && netErr.Timeout():
		return slides.Text{"vi": "Bên nhận không trả lời trong 10 giây.", "en": "The receiver did not answer within 10 seconds."}
	}
	return slides.Text{"vi": "Không kết nối được với bên nhận, hoặc kết nối bị đứt.", "en": "The receiver can't be reached, or the connection broke off."}
}

// Sign is the value of webhook-signature: one signature for each secret.
func Sign(id string, at int64, body []byte, secrets ...string) string {
	var out []string
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			continue // store.NewSecret made it: it can't be
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.%s", id, at, body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " ")
}
