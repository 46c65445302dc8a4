package hub

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// pair answers PathPair: a fresh code for a key whose owner signed for it.
func (h *Hub) pair(w http.ResponseWriter, r *http.Request) {
	var q wire.PairRequest
	if !h.read(w, r, &q) {
		return
	}
	if q.Version > wire.Version {
		refuse(w, slides.E(slides.Newer, "hub.pair", "Ki-ốt dùng giao thức mới hơn máy chủ; hãy nâng cấp máy chủ.", "The kiosk's protocol is newer than the server's; upgrade the server.", nil))
		return
	}
	if len(q.Nonce) != 32 || len(q.Program) > 200 || q.Screen.W < 0 || q.Screen.H < 0 || q.Screen.W > 1<<16 || q.Screen.H > 1<<16 ||
		q.Previous != "" && !slides.ValidID(q.Previous) ||
		!wire.Verify(q.Key, q.Sig, wire.ContextPair, q.Key, q.Nonce, []byte(q.Previous)) {
		refuse(w, slides.E(slides.Invalid, "hub.pair", "Yêu cầu ghép nối không đúng hoặc sai chữ ký.", "The pairing request is not valid or its signature is wrong.", nil))
		return
	}
	p, err := h.store.CreatePairing(r.Context(), store.PairingRequest{
		Key: q.Key, Nonce: q.Nonce, Previous: q.Previous, Screen: q.Screen, Program: slides.Clean(q.Program), Addr: limits.From(r),
	})
	if err != nil {
		h.fail(w, r, err)
		return
	}
	answer(w, http.StatusCreated, wire.PairReply{
		Code: p.Code, Expires: p.Expires, Now: h.store.Now(), Ticket: p.Ticket,
		Server:  h.store.ServerKey().Public().(ed25519.PublicKey),
		Approve: h.public(r) + "/studio/kiosks/approve?code=" + p.Code,
	})
}

// poll answers PathPoll.
func (h *Hub) poll(w http.ResponseWriter, r *http.Request) {
	var q wire.PollRequest
	if !h.read(w, r, &q) {
		return
	}
	p, id, err := h.store.PollPairing(r.Context(), q.Ticket)
	if err == nil && !wire.Verify(p.Key, q.Sig, wire.ContextPoll, []byte(q.Ticket)) {
		// The same answer as for an unknown ticket: who does not hold the key learns nothing.
		err = slides.E(slides.NotFound, "hub.poll", "Không có yêu cầu ghép nối này.", "There is no such pairing.", nil)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	reply := wire.PollReply{State: p.State}
	if p.State == wire.PairApproved && id != nil {
		id.Pin = h.opt.Pin
		if reply.Signed, err = json.Marshal(id); err != nil {
			h.fail(w, r, err)
			return
		}
		reply.Sig = wire.Sign(h.store.ServerKey(), wire.ContextIdentity, reply.Signed)
	}
	answer(w, http.StatusOK, reply)
}

// challenge answers PathChallenge: the server proves itself first.
func (h *Hub) challenge(w http.ResponseWriter, r *http.Request) {
	var q wire.ChallengeRequest
	if !h.read(w, r, &q) {
		return
	}
	if !slides.ValidID(q.Kiosk) || len(q.Nonce) != 32 {
		refuse(w, slides.E(slides.Invalid, "hub.challenge", "Yêu cầu kết nối không đúng.", "The challenge request is not valid.", nil))
		return
	}
	now := h.store.Now()
	nonce := h.challenges.make(q.Kiosk, q.Nonce)
	answer(w, http.StatusOK, wire.ChallengeReply{
		Nonce: nonce, Now: now,
		Sig: wire.Sign(h.store.ServerKey(), wire.ContextServer, wire.ServerProof(q.Kiosk, q.Nonce, nonce, now)),
	})
}

// public is the server's address as the asker sees it.
func (h *Hub) public(r *http.Request) string {
	if h.opt.Public != "" {
		return h.opt.Public
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// allow says whether the asker's address may go on; if not, it has answered.
func (h *Hub) allow(w http.ResponseWriter, r *http.Request) bool {
	if h.asked.Allow(r) {
		return true
	}
	w.Header().Set("Retry-After", "5")
	refuse(w, slides.E(slides.Throttled, "hub", "Quá nhiều yêu cầu; hãy thử lại sau vài giây.", "Too many requests; try again in a few seconds.", nil))
	return false
}

// read decodes a small JSON body; on failure it has answered.
func (h *Hub) read(w http.ResponseWriter, r *http.Request, into any) bool {
	if !h.allow(w, r) {
		return false
	}
	// Who trickles a small body must not hold a connection; an answer is due in any case.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(10 * time.Second))
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		refuse(w, slides.E(slides.TooLarge, "hub", "Yêu cầu vượt 16 KiB.", "The request is over 16 KiB.", nil))
		return false
	}
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		refuse(w, slides.E(slides.Invalid, "hub", "Yêu cầu không đọc được (cần JSON theo giao thức ki-ốt).", "The request can't be read (JSON of the kiosk protocol is expected).", err))
		return false
	}
	return true
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "{}", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the asker may be gone; nobody is left to tell
}

// refuse answers with an error's kind and sentences.
func refuse(w http.ResponseWriter, err error) {
	answer(w, slides.KindOf(err).Status(), problem(err))
}

// fail logs a fault of ours, and refuses.
func (h *Hub) fail(w http.ResponseWriter, r *http.Request, err error) {
	if slides.KindOf(err) == slides.Broken && r.Context().Err() == nil {
		h.log.Error("kiosk request", "path", r.URL.Path, "err", err)
	}
	refuse(w, err)
}
