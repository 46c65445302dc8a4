package studio

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

const label = "Kết quả khảo sát tại chỗ, tính theo cách của SIPAS – không phải Chỉ số SIPAS do Bộ Nội vụ công bố"

func TestStatisticsTell(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh tầng 1", unit)
	o.rate(k, unit, "nhanh", 0, quick(5))
	// One rating: its number is there, its answer is not.
	o.get("/studio/statistics?period=today").is(http.StatusOK).has(label, `data-ratings="1"`, "Cần ít nhất 5 phiếu").hasNot("100,0")
	// 15 satisfied of 20: 75 %, Wilson 53.1 to 88.8; "Không áp dụng" is on neither side.
	var rows [][]survey.Answer
	for i := range 20 {
		if i < 14 {
			rows = append(rows, quick(4))
		} else if i < 19 {
			rows = append(rows, quick(2))
		} else {
			rows = append(rows, quick(survey.NotApplicable))
		}
	}
	o.rate(k, unit, "nhanh", 0, rows...)
	a := o.get("/studio/statistics?period=today").is(http.StatusOK).has("75,0", "53,1 – 88,8", "sipas-pooled/1", "Wilson", `data-ratings="21"`, "Mới có 21 phiếu", "Sảnh tầng 1", "không thiếu phiếu nào")
	checkPage(t, a)
	o.post("/studio/language", url.Values{"language": {"en"}})
	o.get("/studio/statistics?period=today").has("75.0", "not the SIPAS index")
}

func TestStatisticsBadPeriods(t *testing.T) {
	o := newOffice(t).enter().stock()
	for q, says := range map[string]string{
		"from=x&to=2023-03-01":          "Không đọc được ngày",
		"from=2023-03-02&to=2023-03-01": "trước ngày bắt đầu",
		"from=2001-01-01&to=2023-03-01": "dài quá 10 năm",
		"from=0001-01-01&to=9999-12-31": "Không đọc được ngày",
	} {
		o.get("/studio/statistics?period=custom&"+q).is(http.StatusUnprocessableEntity).has(says, "7 ngày")
	}
	o.get("/studio/statistics?period=nonsense&unit=khong-co&form=%00").is(http.StatusOK)
}

func TestSuspectStandApart(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh", unit)
	o.rate(k, unit, "nhanh", 0, quick(5), quick(5), quick(5), quick(5), quick(5), quick(1), quick(1))
	refs := []store.RatingRef{{Chain: k.ch, Seq: 6}, {Chain: k.ch, Seq: 7}}
	if err := o.store.SetSuspect(context.Background(), store.Actor{}, refs, store.SuspectBurst); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/statistics?period=today").is(http.StatusOK).has(`data-ratings="5"`, "100,0", "+2 nghi vấn")
}

func TestExport(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh", unit)
	o.rate(k, unit, "nhanh", 90*time.Minute, quick(5), quick(2), quick(3))
	o.post("/studio/statistics/export", url.Values{"format": {"exe"}}).is(http.StatusUnprocessableEntity)
	a := o.post("/studio/statistics/export", url.Values{"format": {"csv"}}).is(http.StatusOK)
	lines := strings.Split(strings.TrimSpace(a.body), "\n")
	if len(lines) != 4 || strings.Contains(lines[0], "moment") || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d lines, head %q, %v", len(lines), lines[0], a.header)
	}
	full := o.post("/studio/statistics/export", url.Values{"format": {"csv"}, "full": {"on"}}).is(http.StatusOK)
	if !strings.Contains(full.body, "moment_utc") {
		t.Error("the full export has no moment")
	}
	redacted := o.post("/studio/statistics/export", url.Values{"format": {"jsonl"}}).is(http.StatusOK)
	if reports, err := chain.VerifyFile(bytes.NewBufferString(redacted.body)); err != nil || len(reports) != 1 || !reports[0].OK() || reports[0].Records != 3 {
		t.Errorf("%+v %v", reports, err)
	}
	rows, err := o.store.Audit(context.Background(), store.AuditFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range rows {
		if r.Verb == "ratings.export" {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d audit rows, want 3", n)
	}
}

// Every field that can't be shown by name is still told somewhere.
func TestProblemsAreNeverLost(t *testing.T) {
	b := formBuilder{lang: "vi", problems: map[string][]string{}}
	b.take([]slides.Problem{{Path: "body.x.3", Vi: "Lỗi một."}, {Path: "", Vi: "Lỗi hai."}, {Path: "body.x.3", Vi: "Lỗi một."}})
	if got := b.rest(); got != "Lỗi hai. body.x.3: Lỗi một." {
		t.Errorf("%q", got)
	}
}
