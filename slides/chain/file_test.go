package chain

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"motcua/slides"
)

var update = flag.Bool("update", false, "rewrite testdata")

func writeItem(t testing.TB, w *Writer, c ID, it item) {
	t.Helper()
	var err error
	switch {
	case it.record != nil:
		err = w.Record(c, it.record)
	case it.gap != nil:
		err = w.Gap(c, *it.gap)
	default:
		err = w.Head(c, *it.head)
	}
	if err != nil {
		t.Fatal(err)
	}
}

var secondID = ID{0: 0xb2, 15: 0x02}

// sampleFile has two chains whose lines alternate; one record shows only its core.
func sampleFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	one, two := sample(sampleID, testKey(1)), newMaker(secondID, testKey(2))
	two.record(Core, Moment)
	two.head()
	two.record(Core)
	one.items[1].record = &Record{one.items[1].record.Header, one.items[1].record.Sections[:1]}
	for _, err := range []error{
		w.Chain(Origin{sampleID, public(testKey(1)), "Ki-ốt <1> & quầy 2", "2023-03-08"}),
		w.Chain(Origin{secondID, public(testKey(2)), "Ki-ốt 2", "2023-03-09"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, it := range one.items {
		writeItem(t, w, sampleID, it)
		if i < len(two.items) {
			writeItem(t, w, secondID, two.items[i])
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The kept file is what an outsider's verifier was written for: its bytes may
// not drift.
func TestFileGolden(t *testing.T) {
	path := filepath.Join("testdata", "ratings.jsonl")
	got := sampleFile(t)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("the file format drifts:\n%s", got)
	}
	reports, err := VerifyFile(bytes.NewReader(want))
	if err != nil || len(reports) != 2 {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	one, two := reports[0], reports[1]
	mustOK(t, one)
	mustOK(t, two)
	if one.Chain != sampleID || one.Kiosk != "Ki-ốt <1> & quầy 2" || one.Pairing != "2023-03-08" || one.Records != 4 || one.Lost != 3 || one.Unsigned != 0 ||
		one.Head.Seq != 7 || one.Withheld[Moment] != 1 || one.Withheld[PartA] != 1 || one.Withheld[Free] != 1 || KeyPrint(one.Key) != KeyPrint(public(testKey(1))) {
		t.Fatalf("%+v", one)
	}
	if two.Chain != secondID || two.Records != 2 || two.Unsigned != 1 || two.Head.Seq != 1 {
		t.Fatalf("%+v", two)
	}
	if _, err := VerifyFile(iotest.OneByteReader(bytes.NewReader(want))); err != nil {
		t.Fatal(err)
	}
}

// A file cut anywhere is known to be cut.
func TestFileCutShort(t *testing.T) {
	whole := sampleFile(t)
	for n := range len(whole) - 1 { // without its last line feed it is whole
		_, err := VerifyFile(bytes.NewReader(whole[:n]))
		if slides.KindOf(err) != slides.Corrupt {
			t.Fatalf("cut at %d of %d: %v", n, len(whole), err)
		}
	}
	if _, err := VerifyFile(bytes.NewReader(whole[:len(whole)-1])); err != nil {
		t.Fatal(err)
	}
}

// A line taken out is found, except a head's: then less is signed.
func TestFileLineTakenOut(t *testing.T) {
	lines := bytes.SplitAfter(sampleFile(t), []byte("\n"))
	for i, l := range lines {
		if len(l) == 0 {
			continue
		}
		reports, err := VerifyFile(bytes.NewReader(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil)))
		found := err != nil
		for _, r := range reports {
			found = found || !r.OK() || r.Unsigned > 1 || r.Chain == secondID && r.Head == nil
		}
		// The head over record 2 is covered by the next one.
		if !found && !bytes.Contains(l, []byte(`"head"`)) {
			t.Errorf("line %d is gone, not found: %s", i+1, l)
		}
	}
}

func TestFileBadInput(t *testing.T) {
	head := `{"type":"file","format":1}` + "\n"
	end := `{"type":"end","chains":0,"records":0}` + "\n"
	chain := `{"type":"chain","id":"` + sampleID.String() + `","key":"` + strings.Repeat("A", 43) + `="}` + "\n"
	cases := []struct {
		name, in string
		kind     slides.ErrKind
		en       string
	}{
		{"empty", "", slides.Corrupt, "cut short"},
		{"blank", "\n\n", slides.Corrupt, "cut short"},
		{"not JSON", "hello\n", slides.Invalid, "Line 1"},
		{"array", "[]\n", slides.Invalid, "Line 1"},
		{"other JSON", "{\"a\":1}\n", slides.Invalid, "not a ratings file"},
		{"picture", "\x89PNG\r\n\x1a\n\x00\x00", slides.Invalid, "Line 1"},
		{"newer", `{"type":"file","format":2}` + "\n", slides.Newer, "newer"},
		{"no format", `{"type":"file"}` + "\n" + end, slides.Invalid, "format's number"},
		{"first line twice", head + head + end, slides.Invalid, "Line 2"},
		{"unknown type", head + `{"type":"note"}` + "\n" + end, slides.Invalid, `"note"`},
		{"long type", head + `{"type":"` + strings.Repeat("x", 5000) + `"}` + "\n" + end, slides.Invalid, "no lines of type"},
		{"after the end", head + end + end, slides.Invalid, "after the end"},
		{"wrong counts", head + `{"type":"end","chains":1,"records":0}` + "\n", slides.Corrupt, "counts 1"},
		{"record without chain", head + `{"type":"record","chain":"` + sampleID.String() + `"}` + "\n" + end, slides.Invalid, "no line of its own"},
		{"head without chain", head + `{"type":"head"}` + "\n" + end, slides.Invalid, "no line of its own"},
		{"short key", head + `{"type":"chain","id":"` + sampleID.String() + `","key":"AAAA"}` + "\n" + end, slides.Invalid, "key"},
		{"short id", head + `{"type":"chain","id":"12"}` + "\n" + end, slides.Invalid, "Line 2"},
		{"chain twice", head + chain + chain + end, slides.Invalid, "twice"},
		{"bad base64", head + chain + `{"type":"head","chain":"` + sampleID.String() + `","bytes":"%"}` + "\n" + end, slides.Invalid, "Line 3"},
		{"long line", head + `{"type":"` + strings.Repeat("x", MaxLine) + `"}` + "\n" + end, slides.TooLarge, "Line 2"},
		{"endless line", head + strings.Repeat("x", 10*MaxLine), slides.TooLarge, "Line 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := VerifyFile(strings.NewReader(c.in))
			if slides.KindOf(err) != c.kind || !strings.Contains(slides.Sentence(err, "en"), c.en) || slides.Sentence(err, "vi") == "" || len(slides.Sentence(err, "vi")) > 400 {
				t.Fatalf("%v", err)
			}
		})
	}
	broken := errors.New("bad sector")
	if _, err := VerifyFile(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))); !errors.Is(err, broken) || slides.KindOf(err) != slides.Broken {
		t.Fatalf("%v", err)
	}
	if _, err := VerifyFile(strings.NewReader(head + "\n \r\n" + end + "\n")); err != nil {
		t.Fatalf("blank lines: %v", err)
	}
}

// A record's line that names another chain than its header is told.
func TestFileLineOfAnotherChain(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	one := newMaker(sampleID, testKey(1))
	one.record(Core)
	w.Chain(Origin{ID: sampleID, Key: public(testKey(1))})
	w.Chain(Origin{ID: secondID, Key: public(testKey(1))})
	w.Record(secondID, one.items[0].record)
	w.Close()
	reports, err := VerifyFile(&b)
	if err != nil || !reports[0].OK() || !slices.Equal(faults(reports[1]), []Fault{Foreign}) {
		t.Fatalf("%v %+v", err, reports)
	}
}

// The largest record fits a line.
func TestFileLargestRecord(t *testing.T) {
	var sections []Section
	for k := range MaxSections {
		n := 10
		if k < 2 {
			n = MaxBody - 300
		}
		sections = append(sections, NewSection(Kind(k+1), bytes.Repeat([]byte{0xff}, n)))
	}
	c := ID(bytes.Repeat([]byte{0xff}, 16))
	r, _ := Next(c, 1, Genesis(c, public(testKey(1))), sections)
	if _, err := r.Check(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := NewWriter(&b)
	w.Chain(Origin{ID: c, Key: public(testKey(1))})
	w.Record(c, &r)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	reports, err := VerifyFile(&b)
	if err != nil {
		t.Fatal(err)
	}
	mustOK(t, reports[0])
}

func TestWriterMisuse(t *testing.T) {
	key := public(testKey(1))
	m := newMaker(sampleID, testKey(1))
	m.record(Core)
	m.head()
	cases := map[string]func(w *Writer) error{
		"record first": func(w *Writer) error { return w.Record(sampleID, m.items[0].record) },
		"head first":   func(w *Writer) error { return w.Head(sampleID, *m.items[1].head) },
		"chain twice": func(w *Writer) error {
			w.Chain(Origin{ID: sampleID, Key: key})
			return w.Chain(Origin{ID: sampleID, Key: key})
		},
		"short key": func(w *Writer) error { return w.Chain(Origin{ID: sampleID, Key: ed25519.PublicKey{1}}) },
		"large record": func(w *Writer) error {
			w.Chain(Origin{ID: sampleID, Key: key})
			return w.Record(sampleID, &Record{Header: make([]byte, MaxRecord+1)})
		},
		"after the end": func(w *Writer) error {
			w.Close()
			return w.Chain(Origin{ID: sampleID, Key: key})
		},
	}
	for name, misuse := range cases {
		w := NewWriter(io.Discard)
		if misuse(w) == nil || w.Close() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	full := NewWriter(brokenDisk{})
	if err := full.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Fatalf("%v", err)
	}
}

type brokenDisk struct{}

func (brokenDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
