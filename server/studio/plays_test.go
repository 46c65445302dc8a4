package studio

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"motcua/server/reckon"
	"motcua/slides"
	"motcua/slides/wire"
)

// shown has a kiosk report half an hour of its own program, this morning.
func (o *office) shown(k *screen) []wire.Play {
	o.t.Helper()
	ctx := context.Background()
	st, err := o.store.KioskStatus(ctx, k.id)
	if err != nil {
		o.t.Fatal(err)
	}
	m, err := o.store.Manifest(ctx, st.Class)
	if err != nil {
		o.t.Fatal(err)
	}
	r, err := reckon.New(o.store).Of(ctx, m)
	if err != nil {
		o.t.Fatal(err)
	}
	end := o.store.Now().Time().Truncate(time.Second)
	var plays []wire.Play
	for at := end.Add(-30 * time.Minute); at.Before(end); {
		x := r.At(at)
		until := x.Until
		if end.Before(until) {
			until = end
		}
		if x.Slide != "" {
			plays = append(plays, wire.Play{ID: uint64(len(plays) + 1), Slide: x.Slide, From: slides.At(at), Until: slides.At(until)})
		}
		at = until
	}
	if _, err := o.store.SavePlays(ctx, k.id, wire.Plays{Disk: "d-" + k.id, Plays: plays}); err != nil {
		o.t.Fatal(err)
	}
	return plays
}

// What a kiosk showed by its own program is what was planned for it.
func TestProofOfPlay(t *testing.T) {
	o := newOffice(t).enter().stock()
	k := o.paired("Sảnh tầng 1", "bo-phan-mot-cua")
	o.get("/studio/plays").is(http.StatusOK).has("chưa chiếu") // planned, and not shown yet
	o.later.Store((31 * time.Minute).Milliseconds())
	plays := o.shown(k)
	var count int
	var seconds float64
	for _, p := range plays {
		count++
		seconds += float64(p.Until-p.From) / 1000
	}
	if count < 20 {
		t.Fatalf("%d plays", count)
	}
	today := slides.LocalDate(o.store.Now().Time().In(time.FixedZone("+07", 7*3600)).Format(time.DateOnly))
	for _, by := range []string{"slide", "topic", "kiosk", "day"} {
		q := url.Values{"from": {string(today[:8]) + "01"}, "until": {string(today)}, "by": {by}}
		a := o.get("/studio/plays?" + q.Encode()).is(http.StatusOK)
		a.has(`data-count="` + strconv.Itoa(count) + `"`)
		if by == "kiosk" {
			a.has("Sảnh tầng 1")
		}
		q.Set("format", "csv")
		raw := o.get("/studio/plays/export?" + q.Encode()).is(http.StatusOK)
		read := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw.body, "\ufeff")))
		read.Comma = ';'
		lines, err := read.ReadAll()
		if err != nil || len(lines) < 2 {
			t.Fatal(lines, err)
		}
		sum := 0
		for _, l := range lines[1:] {
			n, _ := strconv.Atoi(l[1])
			sum += n
		}
		if sum != count {
			t.Errorf("by %s the file has %d times, the kiosk %d", by, sum, count)
		}
		q.Set("format", "xlsx")
		book, err := excelize.OpenReader(bytes.NewReader([]byte(o.get("/studio/plays/export?" + q.Encode()).is(http.StatusOK).body)))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows("Sheet1")
		if err != nil || len(rows) != len(lines) {
			t.Errorf("by %s the book has %d rows, the file %d, %v", by, len(rows), len(lines), err)
		}
	}
	// The plan of the last half hour, by the same function: the kiosk was
	// published to less than half an hour before, so it shows at least that part.
	q := url.Values{"from": {string(today)}, "until": {string(today)}, "by": {"kiosk"}, "kiosk": {k.id}}
	a := o.get("/studio/plays?" + q.Encode()).has("Theo lịch")
	if !strings.Contains(a.body, " %</td>") {
		t.Error("nothing is said of the part that was shown")
	}
	o.get("/studio/plays?from=2020-01-01&until=2026-01-01").is(http.StatusUnprocessableEntity)
	o.get("/studio/plays?from=2020-01-01&until=2020-01-02").has("Chưa có lượt chiếu nào")
}
