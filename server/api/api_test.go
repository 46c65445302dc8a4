package api

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/wire"
)

// office is a store with one counter's kiosk that is online.
func office(t *testing.T) (st *store.Store, kiosk string) {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if _, err := st.ImportStarter(ctx, store.Actor{}, store.Starter{
		Units: []store.Unit{{ID: "so", Name: slides.Vi("Sở")}}, Unit: "so", Publish: true,
		Procedures: []catalogue.Procedure{{Code: "1.000105", Field: slides.Vi("Việc làm"), Name: slides.Vi("Thủ tục thử"), Source: "QĐ 1/QĐ-UBND"}},
	}); err != nil {
		t.Fatal(err)
	}
	pub, _, _ := ed25519.GenerateKey(nil)
	p, err := st.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	e := store.KioskEdit{Name: "Quầy 1", Unit: "so", Counter: "quay-1", Lang: "vi", Audience: slides.Public}
	e.Terminal.AtDesk = true
	k, err := st.ApprovePairing(ctx, store.Actor{}, store.Approval{Code: p.Code, KioskEdit: e})
	if err == nil {
		_, err = st.TakeLease(ctx, k.ID, "c", store.Hello{}, time.Minute)
	}
	if err != nil {
		t.Fatal(err)
	}
	return st, k.ID
}

func TestInviteByHTTP(t *testing.T) {
	st, kiosk := office(t)
	h := New(st, slog.New(slog.DiscardHandler), func(r *http.Request) string { return r.RemoteAddr })
	token := auth.NewToken()
	if _, err := st.AddAPIToken(context.Background(), store.Actor{}, auth.Digest(token), "Máy lấy số", store.InviteScope); err != nil {
		t.Fatal(err)
	}
	call := func(method, path, token, body string) (int, map[string]any) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := map[string]any{}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s %s: %d %q", method, path, w.Code, w.Body)
		}
		if w.Code >= 400 && (got["vi"] == "" || got["en"] == "") {
			t.Errorf("%s %s: %v lacks a sentence", method, path, got)
		}
		return w.Code, got
	}
	path := "/api/v1/kiosks/" + kiosk + "/invite"
	for _, c := range []struct {
		name, method, path, token, body string
		want                            int
	}{
		{"no token", "POST", path, "", "", 401},
		{"no such token", "POST", path, auth.NewToken(), "", 401},
		{"no token at all", "POST", path, "secret", "", 401},
		{"no such kiosk", "POST", "/api/v1/kiosks/k-none/invite", token, "", 404},
		{"no JSON", "POST", path, token, "ticket=1", 422},
		{"no such field", "POST", path, token, `{"name":"A"}`, 422},
		{"two objects", "POST", path, token, `{"ticket":"A1"}{"ticket":"A2"}`, 422},
		{"more after", "POST", path, token, `{"ticket":"A1"} x`, 422},
		{"null", "POST", path, token, `null`, 422},
		{"list", "POST", path, token, `[]`, 422},
		{"spaces around", "POST", path, token, " {\"ticket\":\"A1\"}\r\n", 202},
		{"no such procedure", "POST", path, token, `{"procedure":"1.999999"}`, 422},
		{"long ticket", "POST", path, token, `{"ticket":"1234567890123"}`, 422},
		{"too large", "POST", path, token, `{"ticket":"` + strings.Repeat("1", 5000) + `"}`, 413},
		{"no such address", "GET", "/api/v1/kiosks", token, "", 404},
		{"no such invitation", "GET", path + "/c-none", token, "", 404},
		{"bare", "POST", path, token, "", 202},
		{"full", "POST", path, token, `{"ticket":"A012","procedure":"1.000105"}`, 202},
	} {
		if status, got := call(c.method, c.path, c.token, c.body); status != c.want {
			t.Errorf("%s: %d %v, want %d", c.name, status, got, c.want)
		}
	}
	waiting, err := st.PendingCommands(context.Background(), kiosk)
	if err != nil || len(waiting) != 1 || waiting[0].Ticket != "A012" {
		t.Fatalf("%+v %v", waiting, err)
	}
	id := waiting[0].ID
	if _, got := call("GET", path+"/"+id, token, ""); got["state"] != "pending" {
		t.Errorf("%v", got)
	}
	if err := st.CommandDone(context.Background(), kiosk, wire.Done{ID: id, Vi: "Màn hình đang có người dùng.", En: "Somebody is using the screen."}); err != nil {
		t.Fatal(err)
	}
	if _, got := call("GET", path+"/"+id, token, ""); got["state"] != "failed" || got["vi"] == nil {
		t.Errorf("%v", got)
	}
	for _, scheme := range []string{"bearer ", "BEARER  ", "Basic ", "Bearer", ""} {
		r := httptest.NewRequest("GET", path+"/"+id, nil)
		r.Header.Set("Authorization", scheme+token)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); (w.Code == 200) != strings.HasPrefix(strings.ToLower(scheme), "bearer ") {
			t.Errorf("scheme %q: %d", scheme, w.Code)
		}
	}
	throttled := false
	for range 2 * burst {
		r := httptest.NewRequest("GET", path+"/"+id, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		throttled = throttled || w.Code == 429
		if after := w.Header().Get("Retry-After"); (w.Code == 429) != (after == "1") {
			t.Fatalf("%d with Retry-After %q", w.Code, after)
		}
	}
	if !throttled {
		t.Error("one caller may call without end")
	}
}
