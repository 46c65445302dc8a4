package store

import (
	"compress/gzip"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/migrations"
	"motcua/slides"
	"motcua/slides/survey"
)

var update = flag.Bool("update", false, "write testdata anew")

// v1 is a database that the first schema wrote, with an office, a kiosk and
// three ratings. It is kept: never write it anew once a release has shipped.
const v1 = "testdata/v1.sqlite.gz"

func TestOldDatabaseIsUpgraded(t *testing.T) {
	ctx := context.Background()
	if *update {
		writeV1(t)
	}
	dir := t.TempDir()
	gunzip(t, v1, filepath.Join(dir, DatabaseFile))
	withCatalogue(t, filepath.Join(dir, DatabaseFile))
	c := newClock()
	s := openTest(t, dir, c)
	ok(t, s.CheckRollups(ctx))
	kiosks := must[[]KioskStatus](t)(s.Kiosks(ctx, "tinh"))
	if len(kiosks) != 1 || kiosks[0].Ratings != 3 || kiosks[0].Should == "" {
		t.Fatalf("%+v", kiosks)
	}
	if rep := verify(t, s, kiosks[0].Chain); !rep.OK() || rep.Records != 3 {
		t.Fatalf("%+v", rep)
	}
	must[int64](t)(s.VerifyAudit(ctx))
	list, n, err := s.Procedures(ctx, ProcedureFilter{Search: "thu tuc"}) // found by letters without marks
	ok(t, err)
	if n != 1 || list[0].ID != "1.000001" || list[0].Procedure.Name["vi"] != "Thủ tục thử" || list[0].Procedure.Field["vi"] != "Người có công" || list[0].State != Draft {
		t.Fatalf("%+v", list)
	}
	row := must[ProcedureRow](t)(s.Procedure(ctx, "2.000002"))
	if row.State != Live || row.Procedure.Source != "QĐ 2" || row.Procedure.Online != "full" {
		t.Fatalf("%+v", row)
	}
	d := pair(t, s, "so", "") // and it goes on
	if m := manifestOf(t, s, d.Class); m.Catalogue != slides.Sum([]byte("danh mục")) {
		t.Fatalf("the published catalogue is lost: %q", m.Catalogue)
	}
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now()))))
	ok(t, s.CheckRollups(ctx))
	if s.Epoch() != openTest(t, dir, c).Epoch() {
		t.Fatal("an upgrade is no new life")
	}
}

// withCatalogue gives an old database what the starter content had put there:
// a procedure with its catalogue entry, and the catalogue's blob in the look.
func withCatalogue(t *testing.T, file string) {
	db := open(file, "mode=rw")
	for _, q := range []string{
		`INSERT INTO procedures VALUES ('2.000002', '2.000002', 'Việc làm', '{"vi":"Hai"}', CAST('{"code":"2.000002","name":{"vi":"Hai"},"field":{"vi":"Việc làm"},"online":"full","source":"QĐ 2"}' AS BLOB), 5)`,
		`INSERT INTO blobs VALUES ('` + slides.Sum([]byte("danh mục")) + `', 10, 'application/json', CAST('danh mục' AS BLOB), 5)`,
		`UPDATE item_versions SET bytes = CAST(json_set(CAST(bytes AS TEXT), '$.catalogue', '` + slides.Sum([]byte("danh mục")) + `') AS BLOB) WHERE type = 'look'`,
	} {
		_, err := db.Exec(q)
		ok(t, err)
	}
	ok(t, db.Close())
}

func writeV1(t *testing.T) {
	ctx, dir, c := context.Background(), t.TempDir(), newClock()
	s := openTest(t, dir, c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	for _, l := range []int{5, 4, 1} {
		must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", survey.Level(l)), c.now()))))
	}
	for _, q := range []string{"DROP TABLE duty", "DROP INDEX ratings_suspect", "DROP INDEX forks_seen", "DELETE FROM schema_steps WHERE version > 1"} {
		_, err := s.w.Exec(q)
		ok(t, err)
	}
	out := filepath.Join(dir, "v1")
	_, err := s.w.Exec("VACUUM INTO ?", out)
	ok(t, err)
	b := must[[]byte](t)(os.ReadFile(out))
	ok(t, os.MkdirAll("testdata", 0o755))
	f := must[*os.File](t)(os.Create(v1))
	w := must[*gzip.Writer](t)(gzip.NewWriterLevel(f, gzip.BestCompression))
	must[int](t)(w.Write(b))
	ok(t, w.Close())
	ok(t, f.Close())
}

func gunzip(t *testing.T, from, to string) {
	f := must[*os.File](t)(os.Open(from))
	defer f.Close()
	r := must[*gzip.Reader](t)(gzip.NewReader(f))
	out := must[*os.File](t)(os.Create(to))
	must[int64](t)(io.Copy(out, r))
	ok(t, out.Close())
}

func TestNewerAlteredAndDamagedDatabasesAreRefused(t *testing.T) {
	c := newClock()
	spoil := func(query string) string {
		dir := t.TempDir()
		s := openTest(t, dir, c)
		_, err := s.w.Exec(query)
		ok(t, err)
		ok(t, s.Close())
		return dir
	}
	_, err := Open(spoil("INSERT INTO schema_steps VALUES (99, '0099_future', 'x', 0)"), Options{})
	wantKind(t, err, slides.Newer)
	_, err = Open(spoil("UPDATE schema_steps SET sum = 'x' WHERE version = 1"), Options{})
	wantKind(t, err, slides.Corrupt)
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, DatabaseFile), []byte(strings.Repeat("đây không phải cơ sở dữ liệu ", 200)), 0o600))
	_, err = Open(dir, Options{})
	wantKind(t, err, slides.Corrupt)
	_, err = Open(t.TempDir(), Options{Zone: "Asia/Hanoi"})
	wantKind(t, err, slides.Invalid)
	file := filepath.Join(t.TempDir(), "f")
	ok(t, os.WriteFile(file, nil, 0o600))
	_, err = Open(file, Options{})
	wantKind(t, err, slides.Broken)
}

func TestTheDatabaseIsSetForDurability(t *testing.T) {
	s := openTest(t, t.TempDir(), newClock())
	if info := must[os.FileInfo](t)(os.Stat(filepath.Join(s.Dir(), DatabaseFile))); info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the server's key: %v", info.Mode())
	}
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		ok(t, s.w.QueryRow("PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
	if _, err := s.r.Exec("DELETE FROM meta"); err == nil {
		t.Error("a reader could write")
	}
}

func TestAFailingStepChangesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, newClock())
	steps := must[[]migrations.Step](t)(migrations.SQLite())
	steps = append(steps, migrations.Step{Version: len(steps) + 1, Name: "bad", SQL: "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)", Sum: "s"})
	wantKind(t, s.migrateTo(context.Background(), steps), slides.Broken)
	var n int
	ok(t, s.w.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").Scan(&n))
	if n != 0 {
		t.Fatal("half a step stayed")
	}
}
