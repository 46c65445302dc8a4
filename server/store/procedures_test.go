package store

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"

	"pgregory.net/rapid"
)

func procedure(code, name, field string) *catalogue.Procedure {
	return &catalogue.Procedure{Code: code, Name: slides.Vi(name), Field: slides.Vi(field), TimeLimit: 10, TimeUnit: catalogue.Workday, Source: "QĐ 1/QĐ-UBND"}
}

// onKiosks reads the catalogue that a class's kiosks get.
func onKiosks(t *testing.T, s *Store, class string) *catalogue.Catalogue {
	t.Helper()
	m := manifestOf(t, s, class)
	if m.Catalogue == "" {
		return nil
	}
	named := false
	for _, b := range m.Blobs {
		named = named || b.SHA == m.Catalogue
	}
	if !named {
		t.Fatal("the manifest does not tell kiosks to fetch the catalogue")
	}
	b := must[*Blob](t)(s.Blob(context.Background(), m.Catalogue))
	defer b.Close()
	raw := must[[]byte](t)(io.ReadAll(b))
	if slides.Sum(raw) != m.Catalogue {
		t.Fatal("the blob is not what its name says")
	}
	return must[*catalogue.Catalogue](t)(catalogue.Parse(raw))
}

func TestProceduresGoLiveLikeSlides(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 1 || c.Procedures[0].Code != "1.000001" {
		t.Fatalf("%+v", c)
	}
	own := procedure("1.014200.H37", "Cấp lại giấy phép lao động", "Việc làm")
	own.Online = catalogue.Full
	row := must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", own, 0))
	if row.ID != "1.014200.h37" || row.State != Draft {
		t.Fatalf("%+v", row.Item)
	}
	if c := onKiosks(t, s, d.Class); c.Find("1.014200.H37") != nil {
		t.Fatal("a draft is on the kiosks")
	}
	p := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if len(p.Items) != 1 || p.Items[0].Type != ProcedureItem || len(p.Classes) != 1 {
		t.Fatalf("%+v", p)
	}
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 2 || c.Find("1.014200.H37") == nil {
		t.Fatalf("%+v", c)
	}
	// A publication of something else leaves it; recalling its own takes it back.
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", slogan("s3", "Ba"), 0))
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 2 {
		t.Fatal("another publication lost procedures")
	}
	must[Publication](t)(s.RecallPublication(ctx, editor, p.Revision, "sai"))
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 1 {
		t.Fatal("the recall left the procedure")
	}
	// The last one deleted: kiosks have no catalogue.
	row = must[ProcedureRow](t)(s.Procedure(ctx, "1.000001"))
	ok(t, s.DeleteItem(ctx, editor, row.ItemRef, row.Version))
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if c := onKiosks(t, s, d.Class); c != nil {
		t.Fatalf("%+v", c)
	}
	must[int64](t)(s.VerifyAudit(ctx))
}

// A catalogue over 64 KiB is a file beside the database.
func TestALargeCatalogueIsPublishedAndSearched(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	i := must[Import](t)(s.KeepImport(ctx, editor, "danh mục.xlsx", []byte("x")))
	var writes []ImportWrite
	for n := range 800 {
		p := procedure(fmt.Sprintf("2.%06d", n), fmt.Sprintf("Thủ tục số %d về chế độ ưu đãi", n), []string{"Việc làm", "Bảo trợ xã hội"}[n%2])
		p.Reference = n%4 == 0
		if n%8 == 0 {
			p.ReviewedOn = "2023-03-01"
		}
		writes = append(writes, ImportWrite{Procedure: p})
	}
	var last int
	seq := must[int64](t)(s.LastChange(ctx))
	i = must[Import](t)(s.RunImport(ctx, editor, i.ID, "so", writes, ImportCounts{Rejected: 3}, func(n int) { last = n }))
	if i.State != ImportDone || i.Counts.New != 800 || i.Counts.Rejected != 3 || last != 800 {
		t.Fatalf("%+v, progress %d", i, last)
	}
	if k := kindsAfter(t, s, seq); len(k) != 1 {
		t.Fatalf("one import is one change, not %d", len(k))
	}
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 801 {
		t.Fatal(len(c.Procedures))
	}
	none := catalogue.Unknown
	for what, c := range map[string]struct {
		f ProcedureFilter
		n int
	}{
		"all":             {ProcedureFilter{}, 801},
		"without marks":   {ProcedureFilter{Search: "che do uu dai so 799"}, 1},
		"part of a code":  {ProcedureFilter{Search: "2.000012"}, 1},
		"code run on":     {ProcedureFilter{Search: "2000012"}, 1},
		"a field":         {ProcedureFilter{Field: "Bảo trợ xã hội"}, 400},
		"for reference":   {ProcedureFilter{Reference: true}, 200},
		"stale":           {ProcedureFilter{Before: "2023-03-01"}, 701},
		"nothing online":  {ProcedureFilter{Online: &none, Field: "Việc làm"}, 400},
		"live":            {ProcedureFilter{State: Live}, 801},
		"nowhere":         {ProcedureFilter{Search: "không có chữ này"}, 0},
		"a field's words": {ProcedureFilter{Search: "bao tro", Limit: 5}, 400},
	} {
		out, total, err := s.Procedures(ctx, c.f)
		ok(t, err)
		if total != c.n || len(out) > 200 || c.f.Limit > 0 && len(out) > c.f.Limit {
			t.Errorf("%s: %d of %d, want %d", what, len(out), total, c.n)
		}
	}
	// Undone and published, they are gone from the kiosks again.
	i = must[Import](t)(s.UndoImport(ctx, editor, i.ID))
	if i.State != ImportUndone || i.Counts.Restored != 800 {
		t.Fatalf("%+v", i)
	}
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if c := onKiosks(t, s, d.Class); len(c.Procedures) != 1 {
		t.Fatal(len(c.Procedures))
	}
	_, err := s.UndoImport(ctx, editor, i.ID)
	wantKind(t, err, slides.Conflict)
}

// Whatever an import wrote, undoing it brings every draft back that nobody
// saved since, and leaves those that somebody did.
func TestUndoingAnImport(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	name := func(id string) string {
		r, err := s.Procedure(ctx, id)
		if err != nil || r.State == Removed || r.State == Removing {
			return ""
		}
		return r.Procedure.Name["vi"]
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		var writes []ImportWrite
		before, touched := map[string]string{}, map[string]bool{}
		for k := range rapid.IntRange(1, 6).Draw(rt, "rows") {
			code := fmt.Sprintf("3.%06d", k)
			base := 0
			if r, err := s.Procedure(ctx, code); err == nil && r.State != Removed && r.State != Removing {
				base = r.Version
			}
			before[code] = name(code)
			writes = append(writes, ImportWrite{procedure(code, fmt.Sprintf("Nhập lần %d", n), "Việc làm"), base})
		}
		i := must[Import](t)(s.KeepImport(ctx, editor, "tệp", nil))
		must[Import](t)(s.RunImport(ctx, editor, i.ID, "so", writes, ImportCounts{}, func(int) {}))
		for code := range before {
			if rapid.IntRange(0, 3).Draw(rt, "saved since") == 0 {
				r := must[ProcedureRow](t)(s.Procedure(ctx, code))
				must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", procedure(code, fmt.Sprintf("Sửa tay %d", n), "Việc làm"), r.Version))
				touched[code] = true
			}
		}
		done := must[Import](t)(s.UndoImport(ctx, editor, i.ID))
		if done.Counts.Kept != len(touched) || done.Counts.Restored != len(before)-len(touched) {
			rt.Fatalf("%+v, %d of %d were saved since", done.Counts, len(touched), len(before))
		}
		for code, was := range before {
			want := was
			if touched[code] {
				want = fmt.Sprintf("Sửa tay %d", n)
			}
			if got := name(code); got != want {
				rt.Fatalf("%s is %q, want %q", code, got, want)
			}
		}
	})
}

func TestAnImportIsAllOrNothing(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	i := must[Import](t)(s.KeepImport(ctx, editor, "tệp.csv", []byte("a;b")))
	seq := must[int64](t)(s.LastChange(ctx))
	writes := []ImportWrite{{procedure("2.000001", "Một", "Việc làm"), 0}, {procedure("1.000001", "Hai", "Việc làm"), 7}}
	_, err := s.RunImport(ctx, editor, i.ID, "so", writes, ImportCounts{}, func(int) {})
	wantKind(t, err, slides.Conflict)
	writes[1] = ImportWrite{procedure("2.0001", "Mã sai", "Việc làm"), 0}
	_, err = s.RunImport(ctx, editor, i.ID, "so", writes, ImportCounts{}, func(int) {})
	wantKind(t, err, slides.Invalid)
	if _, total, _ := s.Procedures(ctx, ProcedureFilter{}); total != 1 || must[int64](t)(s.LastChange(ctx)) != seq {
		t.Fatal("something of a failed import was written")
	}
	got, file, err := s.Import(ctx, i.ID)
	ok(t, err)
	if got.State != ImportNew || string(file) != "a;b" {
		t.Fatal("the file is gone after a failed try")
	}
	_, err = s.KeepImport(ctx, editor, "lớn", make([]byte, maxImportFile+1))
	wantKind(t, err, slides.TooLarge)
	ok(t, s.MapImport(ctx, i.ID, []byte(`{"x":1}`)))
	must[Import](t)(s.RunImport(ctx, editor, i.ID, "so", writes[:1], ImportCounts{}, func(int) {}))
	_, err = s.RunImport(ctx, editor, i.ID, "so", nil, ImportCounts{}, func(int) {})
	wantKind(t, err, slides.Conflict)
	wantKind(t, s.MapImport(ctx, i.ID, nil), slides.Conflict)
	// A file that nobody goes on with is forgotten, a written import is not.
	old := must[Import](t)(s.KeepImport(ctx, editor, "bỏ dở", nil))
	c.advance(31 * 24 * time.Hour)
	ok(t, s.Tidy(ctx))
	_, _, err = s.Import(ctx, old.ID)
	wantKind(t, err, slides.NotFound)
	if list := must[[]Import](t)(s.Imports(ctx, 10)); len(list) != 1 || list[0].ID != i.ID {
		t.Fatalf("%+v", list)
	}
}

func TestVersionsComeBack(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	for n, name := range []string{"Một", "Hai", "Ba"} {
		must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", procedure("2.000001", name, "Việc làm"), n))
	}
	wantKind(t, s.RestoreProcedure(ctx, editor, "2.000001", 1, 2), slides.Conflict)
	ok(t, s.RestoreProcedure(ctx, editor, "2.000001", 1, 3))
	var names []string
	for _, v := range must[[]ProcedureVersion](t)(s.ProcedureVersions(ctx, "2.000001")) {
		names = append(names, v.Procedure.Name["vi"])
	}
	if strings.Join(names, " ") != "Một Ba Hai Một" {
		t.Fatal(names)
	}
	if out, _, err := s.Procedures(ctx, ProcedureFilter{Search: "mot"}); err != nil || len(out) != 1 {
		t.Fatal("the restored one is not found by its name", out, err)
	}
}

func TestPostedSheetsGoOutOfDate(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	one := Posting{What: OfProcedure, Ref: "1.000001", Place: "Bảng tin tầng 1", Posted: "2023-03-08", Name: "Phòng Một cửa"}
	all := Posting{What: OfField, Ref: "Người có công", Place: "Cổng chính", Posted: "2023-03-07", Name: "Phòng Một cửa"}
	for _, p := range []Posting{one, all} {
		must[Posting](t)(s.AddPosting(ctx, editor, p))
	}
	for _, bad := range []func(*Posting){
		func(p *Posting) { p.Place = " " }, func(p *Posting) { p.Posted = "8/3/2023" }, func(p *Posting) { p.Name = "" },
	} {
		p := one
		bad(&p)
		_, err := s.AddPosting(ctx, editor, p)
		wantKind(t, err, slides.Invalid)
	}
	draft := one
	must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", procedure("2.000001", "Mới", "Việc làm"), 0))
	draft.Ref = "2.000001"
	_, err := s.AddPosting(ctx, editor, draft)
	wantKind(t, err, slides.Conflict)
	outdated := func() (out string) {
		for _, p := range must[[]Posting](t)(s.Postings(ctx, false)) {
			out += fmt.Sprintf("%s %v ", p.What, p.Outdated())
		}
		return strings.TrimSpace(out)
	}
	if got := outdated(); got != "procedure false field false" {
		t.Fatal(got)
	}
	// A review alone changes no word; a new time limit does.
	p := *procedure("1.000001", "Thủ tục thử", "Người có công")
	p.TimeLimit, p.TimeUnit, p.ReviewedOn = 0, "", "2023-03-08"
	must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "", &p, 1))
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{Items: []ItemRef{{ProcedureItem, "1.000001"}}}))
	if got := outdated(); got != "procedure false field false" {
		t.Fatal(got)
	}
	p.TimeLimit, p.TimeUnit = 5, catalogue.Day
	must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "", &p, 2))
	if got := outdated(); got != "procedure false field false" {
		t.Fatal("a draft makes no sheet outdated:", got)
	}
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{Items: []ItemRef{{ProcedureItem, "1.000001"}}}))
	if got := outdated(); got != "procedure true field true" {
		t.Fatal(got)
	}
	list := must[[]Posting](t)(s.Postings(ctx, false))
	ok(t, s.RemovePosting(ctx, editor, list[0].ID))
	wantKind(t, s.RemovePosting(ctx, editor, list[0].ID), slides.NotFound)
	if got := outdated(); got != "field true" {
		t.Fatal(got)
	}
	if n := len(must[[]Posting](t)(s.Postings(ctx, true))); n != 2 {
		t.Fatal(n)
	}
}

func TestReviewDays(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	if n := must[int](t)(s.ReviewDays(ctx)); n != DefaultReviewDays {
		t.Fatal(n)
	}
	wantKind(t, s.SetReviewDays(ctx, editor, 0), slides.Invalid)
	ok(t, s.SetReviewDays(ctx, editor, 90))
	if n := must[int](t)(s.ReviewDays(ctx)); n != 90 {
		t.Fatal(n)
	}
}

// A QR that leads off the list of hosts stops the publication, not a recall.
func TestAddressesAreHeldAgainstTheHosts(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	p := procedure("1.000002", "Hai", "Việc làm")
	p.URL = "https://dichvucong.gov.vn/x"
	row := must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", p, 0))
	good := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	p.URL = "https://evil.example/x"
	row = must[ProcedureRow](t)(s.SaveProcedure(ctx, editor, "so", p, row.Version))
	_, err := s.Publish(ctx, editor, PublishRequest{})
	wantKind(t, err, slides.Invalid)
	if !strings.Contains(err.Error(), "procedure.1.000002.url") || must[ProcedureRow](t)(s.Procedure(ctx, row.ID)).Live != 1 {
		t.Fatal(err)
	}
	must[Publication](t)(s.RecallPublication(ctx, editor, good.Revision, "thử"))
}
