package studio

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/server/store"
	"motcua/slides"
)

// The audit shows what changed from what to what, finds rows by words without
// marks, and leaves as a file that shows tampering.
func TestAuditPages(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	k := o.paired("Sảnh tầng 1", o.firstUnitID())
	path := "/studio/kiosks/" + k.id + "/settings"
	v := o.get(path).form(path, "do=save")
	v.Set("name", "=SUM(Sảnh lớn)")
	v.Set("terminal.typing", "vni")
	o.post(path, v).is(http.StatusSeeOther)
	a := o.get("/studio/audit?object=kiosk:"+k.id).is(http.StatusOK).has("Sảnh tầng 1", "=SUM(Sảnh lớn)", "Kiểu gõ tiếng Việt", "vni", "<del>", "<ins>")
	checkPage(t, a)
	o.get("/studio/audit?q=sua+ki-ot+mai").is(http.StatusOK).has("Sửa ki-ốt").hasNot("Nạp nội dung mẫu")
	o.get("/studio/audit?q=xyzzy").has("Nhật ký đang trống")
	o.get("/studio/audit?from=2001-01-01&until=2001-01-02").has("Nhật ký đang trống")
	o.get("/studio/audit?from=hom-qua").has("Ngày hom-qua không đúng")
	o.post("/studio/audit/verify", nil).is(http.StatusOK).has("Nhật ký nguyên vẹn")
	table := o.post("/studio/audit/export", url.Values{"format": {"csv"}, "q": {"=SUM sua ki-ot"}}).is(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][4] != "Sửa ki-ốt" {
		t.Errorf("%q %v", rows, err)
	}
	if err := o.store.AddAudit(ctx, store.Actor{Name: "=cmd|' /C calc'!A0"}, "backup", "", nil); err != nil {
		t.Fatal(err)
	}
	if b := o.post("/studio/audit/export", url.Values{"format": {"csv"}}).body; strings.Contains(b, ",=cmd") || !strings.Contains(b, "'=cmd") {
		t.Error("a formula for who opens it")
	}
	o.post("/studio/audit/export", url.Values{"format": {"xml"}}).is(http.StatusUnprocessableEntity)
	file := o.post("/studio/audit/export", url.Values{"format": {"jsonl"}}).is(http.StatusOK).body
	n, head, err := store.VerifyAuditFile(strings.NewReader(file))
	last, err2 := o.store.Audit(ctx, store.AuditFilter{Limit: 1})
	if err != nil || err2 != nil || n < 5 || head != last[0].Hash || n != last[0].Seq {
		t.Fatalf("%d %s %v %v", n, head, err, err2)
	}
	lines := strings.Split(strings.TrimSpace(file), "\n")
	for name, bad := range map[string]string{
		"a changed detail": strings.Replace(file, "Sảnh lớn", "Sảnh bé", 1),
		"a row less":       strings.Join(append(lines[:3:3], lines[4:]...), "\n"),
		"the end cut":      strings.Join(lines[:len(lines)-1], "\n"),
		"cut in a row":     file[:len(file)-20],
		"rows exchanged":   strings.Join(append(append(lines[:2:2], lines[3], lines[2]), lines[4:]...), "\n"),
	} {
		if _, _, err := store.VerifyAuditFile(strings.NewReader(bad)); slides.KindOf(err) != slides.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := store.VerifyAuditFile(strings.NewReader("{}")); slides.KindOf(err) != slides.Invalid {
		t.Error("another file is taken for an audit", err)
	}
}
