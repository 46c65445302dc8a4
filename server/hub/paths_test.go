package hub

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"motcua/server/store"
	"motcua/slides/wire"
)

// A wrong method or path below the kiosks' addresses is answered in the
// protocol's own form, in both languages.
func TestWrongMethodsAndPathsAreToldAsTheProtocolTells(t *testing.T) {
	st, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	mux := http.NewServeMux()
	New(st, Options{}).Register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", wire.PathPair, 405, "POST"},
		{"PUT", wire.PathPoll, 405, "POST"},
		{"GET", wire.PathChallenge, 405, "POST"},
		{"POST", wire.PathSocket, 405, "GET"},
		{"DELETE", wire.PathBlob + "00", 405, "GET"},
		{"GET", "/kiosk/v2/pair", 404, ""},
		{"GET", wire.PathSocket, 401, ""},
		{"GET", "/studio/", http.StatusTeapot, ""},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q; want %d, %q", c.method, c.path, w.Code, w.Header().Get("Allow"), c.status, c.allow)
		}
		if c.status == http.StatusTeapot {
			continue
		}
		var p wire.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Vi == "" || p.En == "" {
			t.Errorf("%s %s: %q is no problem in words", c.method, c.path, w.Body)
		}
	}
}
