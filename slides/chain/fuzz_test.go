package chain

import (
	"bytes"
	"reflect"
	"testing"
)

func FuzzParseHeader(f *testing.F) {
	for _, it := range sample(sampleID, testKey(1)).items {
		if it.record != nil {
			f.Add(it.record.Header)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHeader(b)
		if err == nil && !bytes.Equal(h.Encode(), b) {
			t.Fatal("one header, two encodings")
		}
	})
}

func FuzzParseHead(f *testing.F) {
	h := Head{sampleID, 3, Hash{1}, -1}
	f.Add(h.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHead(b)
		if err == nil && !bytes.Equal(h.Encode(), b) {
			t.Fatal("one head, two encodings")
		}
	})
}

func FuzzParseGap(f *testing.F) {
	g := Gap{Chain: sampleID, From: 1, To: 9, Reason: Malformed, Note: "hỏng"}
	f.Add(g.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := ParseGap(b)
		if err == nil && !bytes.Equal(g.Encode(), b) {
			t.Fatal("one gap, two encodings")
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	for _, it := range sample(sampleID, testKey(1)).items {
		if it.record != nil {
			f.Add(it.record.Encode())
		}
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRecord(b)
		if err != nil {
			return
		}
		r.Check()
		again, err := ParseRecord(r.Encode())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("does not read back: %v", err)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add([]byte(sampleID.String()))
	f.Add([]byte(Hash{1}.String()))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c ID
		if c.UnmarshalText(b) == nil && c.String() != string(bytes.ToLower(b)) {
			t.Fatal("id")
		}
		var h Hash
		if h.UnmarshalText(b) == nil && h.String() != string(bytes.ToLower(b)) {
			t.Fatal("hash")
		}
	})
}

// What a fuzzer changes must not make a report fail, nor hide that a signed
// record is gone.
func FuzzVerifyFile(f *testing.F) {
	f.Add(sampleFile(f))
	f.Add([]byte("{\"type\":\"file\",\"format\":1}\n{\"type\":\"end\",\"chains\":0,\"records\":0}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		reports, err := VerifyFile(bytes.NewReader(b))
		for _, r := range reports {
			if r.Faults == 0 && (len(r.Problems) != 0 || r.Head != nil && r.Records+r.Lost < r.Head.Seq) {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	})
}
