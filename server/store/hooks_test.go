package store

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/letter"
)

// Of a letter a webhook hears when its hour is over, and nothing by which it
// could be laid beside a rating of the same minute.
func TestLettersAreToldByTheHour(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	h := must[Hook](t)(s.AddHook(ctx, editor, Hook{Name: "Nghe", Unit: "mot-cua", URL: "https://vi-du.vn", Events: []Event{LetterEvent}}, NewSecret()))
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	c.advance(17 * time.Minute)
	_, r := w.letter(t, s, c.now(), "Ghế chờ ít quá", letter.Contact{Name: "Nguyễn Thị Mẫu"})
	must[Ingested](t)(s.IngestLetters(ctx, d.ID, w.batch(r)))
	list := must[[]HookDelivery](t)(s.HookDeliveries(ctx, h.ID, 10))
	const hour = slides.Millis(3600_000)
	if len(list) != 1 || list[0].At%hour != 0 || list[0].Next%hour != 0 || list[0].Next <= s.Now() {
		t.Fatalf("%+v", list)
	}
	var body told
	ok(t, json.Unmarshal(list[0].Body, &body))
	if body.At%hour != 0 || strings.Contains(string(list[0].Body), "Ghế") || strings.Contains(string(list[0].Body), "Mẫu") || strings.Contains(string(list[0].Body), d.ID) {
		t.Errorf("%s", list[0].Body)
	}
	if due := must[[]Message](t)(s.ClaimDeliveries(ctx, 8, time.Minute)); len(due) != 0 {
		t.Errorf("it is sent in its own hour: %+v", due)
	}
	// Turned off and on again it still waits for its hour to be over.
	ok(t, s.EnableHook(ctx, editor, h.ID, false))
	ok(t, s.EnableHook(ctx, editor, h.ID, true))
	if due := must[[]Message](t)(s.ClaimDeliveries(ctx, 8, time.Minute)); len(due) != 0 {
		t.Errorf("it is sent in its own hour: %+v", due)
	}
	c.advance(time.Hour)
	if due := must[[]Message](t)(s.ClaimDeliveries(ctx, 8, time.Minute)); len(due) != 1 {
		t.Errorf("%+v", due)
	}
}

func TestHookIsChecked(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	for at, h := range map[string]Hook{
		"name":   {URL: "https://vi-du.vn", Events: Events},
		"url":    {Name: "A", URL: "ftp://vi-du.vn", Events: Events},
		"events": {Name: "A", URL: "https://vi-du.vn"},
	} {
		_, err := s.AddHook(ctx, editor, h, NewSecret())
		wantKind(t, err, slides.Invalid)
		if !strings.Contains(slides.Sentence(err, "en"), at+":") {
			t.Errorf("%s: %v", at, err)
		}
	}
	for _, bad := range []string{"https://", "https://ten:matkhau@vi-du.vn", "vi-du.vn", "https://" + strings.Repeat("a", 600)} {
		_, err := s.AddHook(ctx, editor, Hook{Name: "A", URL: bad, Events: Events}, NewSecret())
		wantKind(t, err, slides.Invalid)
	}
	_, err := s.AddHook(ctx, editor, Hook{Name: "A", URL: "https://vi-du.vn", Events: []Event{"everything"}}, NewSecret())
	wantKind(t, err, slides.Invalid)
	// The secret is in no audit row.
	secret := NewSecret()
	h := must[Hook](t)(s.AddHook(ctx, editor, Hook{Name: "A", URL: "https://vi-du.vn", Events: Events}, secret))
	fresh := NewSecret()
	ok(t, s.RotateHook(ctx, editor, h.ID, fresh))
	for _, r := range must[[]AuditRow](t)(s.Audit(ctx, AuditFilter{Object: "hook:" + h.ID})) {
		if strings.Contains(string(r.Detail), secret) || strings.Contains(string(r.Detail), fresh) {
			t.Errorf("%+v", r)
		}
	}
	ok(t, s.RemoveHook(ctx, editor, h.ID))
	_, err = s.Hook(ctx, h.ID)
	wantKind(t, err, slides.NotFound)
}

// Each failure waits at least as long as the one before could have, never over
// an hour, and never less than half of its step.
func TestRetriesWaitLonger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tries, jitter := rapid.IntRange(1, 1000).Draw(t, "tries"), rapid.Float64Range(-1, 2).Draw(t, "jitter")
		wait, least, most := retryAfterTries(tries, jitter), retryAfterTries(tries, 1), retryAfterTries(tries, 0)
		if wait < least || wait > most || least*2 != most || most > lastRetry || least < firstRetry/2 || retryAfterTries(tries+1, 0) < most {
			t.Fatalf("%d tries: %v", tries, wait)
		}
	})
}
