package store

import (
	"context"
	"database/sql"
	"strings"
	"testing"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"https://langson.gov.vn/rss/tin-tuc.xml":        "https://langson.gov.vn/rss/tin-tuc.xml",
		"https://vd.vn/rss?token=bi-mat&trang=2&x#cuoi": "https://vd.vn/rss?token=…&trang=…&…",
		"https://ten:mat-khau@vd.vn:8443/a%20b":         "https://…@vd.vn:8443/a%20b",
		"https://vd.vn/?k=a=b;c":                        "https://vd.vn/?k=…",
		"https://vd.vn/%zz?token=bi-mat":                "…",
		"":                                              "",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzShown(f *testing.F) {
	f.Add("https://ten:SECRET@vd.vn/rss?token=SECRET#SECRET")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Shown("https://u:SECRET@vd.vn/?a=SECRET&" + s); strings.Contains(got, "SECRET") && !strings.Contains(s, "SECRET") {
			t.Errorf("%q shows %q", s, got)
		}
	})
}

// What an address carries in its query stands in no row of the audit.
func TestAuditHoldsNoSecretOfAnAddress(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	const address = "https://vd.vn/nhan?token=BIMAT"
	h := must[Hook](t)(s.AddHook(ctx, editor, Hook{Name: "Cổng", URL: address, Events: []Event{RecallEvent}}, NewSecret()))
	h.URL = address + "2"
	ok(t, s.UpdateHook(ctx, editor, h))
	ok(t, s.RemoveHook(ctx, editor, h.ID))
	f := must[Feed](t)(s.SaveFeed(ctx, editor, Feed{Unit: "so", Name: "Cổng", URL: address, Topic: "T01", Shows: FeedNews, Days: 7}))
	f.URL = address + "3"
	must[Feed](t)(s.SaveFeed(ctx, editor, f))
	rows := 0
	ok(t, s.read(ctx, "test", func(t2 *txn) error {
		return t2.each("SELECT detail FROM audit", nil, func(r *sql.Rows) error {
			var facts string
			err := r.Scan(&facts)
			if rows++; strings.Contains(facts, "BIMAT") {
				t.Error(facts)
			}
			return err
		})
	}))
	if rows < 5 || f.Address() != "https://vd.vn/nhan?token=…" {
		t.Errorf("%d rows, %s", rows, f.Address())
	}
}
