// # The ratings file
//
// For verifying offline, ratings are exported as JSON Lines: UTF-8, one object a
// line, at most MaxLine bytes each with its line feed; blank lines mean nothing. Byte
// strings are standard base64 (RFC 4648 §4), chain ids 32 hexadecimal digits.
// Unknown fields are ignored, unknown types refused.
//
//	{"type":"file","format":1}
//	{"type":"chain","id":ID,"key":BYTES,"kiosk":TEXT,"pairing":TEXT}
//	{"type":"record","chain":ID,"header":BYTES,"sections":[{"kind":N,"salt":BYTES,"body":BYTES},…]}
//	{"type":"gap","chain":ID,"bytes":BYTES,"sig":BYTES}
//	{"type":"head","chain":ID,"bytes":BYTES,"sig":BYTES}
//	{"type":"end","chains":N,"records":N}
//
// "file" is the first line, "end" the last; "end" counts the chain and record
// lines, so that a file cut short is noticed. A chain's line comes before its
// others. A chain's records and gaps are in order of seq; a head stands right
// after the record or gap that ends at its seq, or anywhere before. Lines of
// several chains may alternate. A section that is withheld or erased is left
// out, salt and all: with the salt the few possible answers could be tried
// against the hash that the header keeps.
//
// Kinds of sections: 1 core answers, 2 exact moment, 3 Phần A, 4 free text; each
// body is JSON (package survey). Reasons of gaps: 1 the medium gave wrong bytes,
// 2 the file was cut short, 3 the bytes were no record.
//
// To verify, with the layouts above:
//
//  1. Begin each chain with seq 0 and the hash
//     SHA-256("motcua/chain/genesis/1\x00" ‖ id ‖ key).
//  2. A record: its header parses, names the chain, has seq + 1, and its prev is
//     the hash. Each section given is one of the header's, in the same order, and
//     SHA-256(salt ‖ body) is the hash there. Then seq and hash become the
//     header's seq and SHA-256(header bytes).
//  3. A gap: Ed25519 over "motcua/chain/gap/1\x00" ‖ bytes holds under the key; it
//     names the chain, from is seq + 1, prev is the hash. Then seq and hash
//     become its to and next.
//  4. A head: Ed25519 over "motcua/chain/head/1\x00" ‖ bytes holds; once seq is
//     the head's, the hash is the head's. A head whose seq a gap covers can't be
//     compared and proves nothing more; at the gap's end it can, unless next is
//     the gap's filler (SHA-256 of its bytes with next zero).
//  5. At the end no head names a seq that was not reached.
//
// What a clean result says: no record up to the newest head is missing or
// altered since the kiosk signed it, except the stated gaps. What it can't say,
// and a person must compare: that the key is the kiosk's (KeyPrint, against
// what the studio shows for the pairing), that no whole chain was left out, and
// that the head is not an old one (its date). The kiosk's name and the pairing
// are not signed.
package chain

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"motcua/slides"
)

// FileFormat is the format that Writer writes; VerifyFile refuses a higher one.
const FileFormat = 1

// Bounds of a ratings file.
const (
	MaxLine   = 64 << 10 // a record of MaxRecord bytes takes about 45 KiB
	MaxChains = 1 << 16
)

// Origin is what a file says of a chain. Kiosk and Pairing are for people.
type Origin struct {
	ID      ID                `json:"id"`
	Key     ed25519.PublicKey `json:"key"`
	Kiosk   string            `json:"kiosk"`
	Pairing string            `json:"pairing"`
}

// KeyPrint is the SHA-256 of a public key in hexadecimal, for people to compare.
func KeyPrint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:])
}

type (
	fileLine struct {
		Type   string `json:"type"`
		Format int    `json:"format"`
	}
	chainLine struct {
		Type string `json:"type"`
		Origin
	}
	recordLine struct {
		Type  string `json:"type"`
		Chain ID     `json:"chain"`
		Record
	}
	signedLine struct {
		Type  string `json:"type"`
		Chain ID     `json:"chain"`
		Signed
	}
	endLine struct {
		Type    string `json:"type"`
		Chains  uint64 `json:"chains"`
		Records uint64 `json:"records"`
	}
)

// Writer writes a ratings file. It buffers; Close ends the file, without which
// a reader takes it for cut short. After an error every call returns it. Not
// safe for concurrent use.
type Writer struct {
	w       *bufio.Writer
	json    *json.Encoder
	chains  map[ID]bool
	records uint64
	err     error
	closed  bool
}

// NewWriter begins a file on w.
func NewWriter(w io.Writer) *Writer {
	b := bufio.NewWriterSize(w, MaxLine)
	out := &Writer{w: b, json: json.NewEncoder(b), chains: map[ID]bool{}}
	out.json.SetEscapeHTML(false)
	out.put(fileLine{"file", FileFormat})
	return out
}

// Chain begins a chain, once.
func (w *Writer) Chain(o Origin) error {
	if w.chains[o.ID] {
		return w.misuse("the chain " + o.ID.String() + " is there twice")
	}
	if len(o.Kiosk)+len(o.Pairing) > MaxLine/8 || len(o.Key) != ed25519.PublicKeySize {
		return w.misuse("a chain's name is too long or its key has a wrong size")
	}
	w.chains[o.ID] = true
	return w.put(chainLine{"chain", o})
}

// Record writes the next record of a chain, with those of its sections that
// the file shall show.
func (w *Writer) Record(c ID, r *Record) error {
	if !w.chains[c] {
		return w.misuse("a record comes before its chain")
	}
	size := len(r.Header)
	for _, s := range r.Sections {
		size += len(s.Salt) + len(s.Body)
	}
	if size > MaxRecord || len(r.Sections) > MaxSections {
		return w.misuse("a record is too large")
	}
	w.records++
	return w.put(recordLine{"record", c, *r})
}

// Gap writes a gap in its place.
func (w *Writer) Gap(c ID, s Signed) error { return w.signed("gap", c, s) }

// Head writes a signed head right after the record it names, or before.
func (w *Writer) Head(c ID, s Signed) error { return w.signed("head", c, s) }

func (w *Writer) signed(kind string, c ID, s Signed) error {
	if !w.chains[c] {
		return w.misuse("a " + kind + " comes before its chain")
	}
	return w.put(signedLine{kind, c, s})
}

// Close writes the last line and flushes. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.closed {
		return w.err
	}
	w.put(endLine{"end", uint64(len(w.chains)), w.records})
	w.closed = true
	if w.err == nil {
		w.fail(w.w.Flush())
	}
	return w.err
}

func (w *Writer) put(line any) error {
	if w.err == nil && w.closed {
		return w.misuse("a line comes after the end")
	}
	if w.err == nil {
		w.fail(w.json.Encode(line))
	}
	return w.err
}

func (w *Writer) misuse(what string) error {
	if w.err == nil {
		w.err = slides.E(slides.Broken, "chain.Writer", "Không ghi được tệp phiếu: dữ liệu sai trình tự hoặc quá lớn.", "The ratings file can't be written: "+what+".", nil)
	}
	return w.err
}

func (w *Writer) fail(err error) {
	if err != nil {
		w.err = slides.E(slides.Broken, "chain.Writer", "Không ghi được tệp phiếu.", "The ratings file can't be written.", err)
	}
}

// VerifyFile reads a ratings file as a stream and reports on each of its
// chains, in the order of the chain lines. What is wrong with a chain is in its
// Report. An error says that the file itself can't be read to its end, with the
// line: Invalid (not such a file), TooLarge, Newer, Corrupt (cut short), Broken
// (the reader failed); the reports then hold what came before.
func VerifyFile(r io.Reader) ([]Report, error) {
	f := fileVerifier{in: bufio.NewReaderSize(r, MaxLine), chains: map[ID]*Verifier{}}
	err := f.run()
	out := make([]Report, len(f.order))
	for i, v := range f.order {
		out[i] = v.Report()
	}
	return out, err
}

type fileVerifier struct {
	in      *bufio.Reader
	line    int
	chains  map[ID]*Verifier
	order   []*Verifier
	records uint64
	begun   bool
	ended   bool
}

func (f *fileVerifier) run() error {
	for {
		b, err := f.in.ReadSlice('\n')
		whole := err == nil
		if len(b) > 0 {
			f.line++
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return f.bad(slides.TooLarge, "dòng dài quá 64 KiB", "the line is over 64 KiB", nil)
		case err != nil && !errors.Is(err, io.EOF):
			return f.bad(slides.Broken, "đọc tệp bị lỗi", "reading the file failed", err)
		}
		if b = bytes.TrimSpace(b); len(b) > 0 {
			if lineErr := f.take(b); lineErr != nil {
				if !whole && !json.Valid(b) {
					return f.cut()
				}
				return lineErr
			}
		}
		if !whole {
			break
		}
	}
	if !f.ended {
		return f.cut()
	}
	return nil
}

func (f *fileVerifier) take(b []byte) error {
	var kind fileLine
	if err := f.read(b, &kind); err != nil {
		return err
	}
	switch {
	case f.ended:
		return f.bad(slides.Invalid, "còn dữ liệu sau dòng kết thúc", "there is more after the end", nil)
	case f.begun == (kind.Type == "file"):
		return f.bad(slides.Invalid, "đây không phải tệp phiếu của Một Cửa (dòng đầu phải có type là file)", "this is not a ratings file (its first line, and no other, has the type file)", nil)
	}
	switch kind.Type {
	case "file":
		return f.takeFormat(kind.Format)
	case "chain":
		return f.takeChain(b)
	case "record":
		return f.takeRecord(b)
	case "gap", "head":
		return f.takeSigned(kind.Type, b)
	case "end":
		return f.takeEnd(b)
	}
	return f.bad(slides.Invalid, fmt.Sprintf("loại dòng %.40q không có trong định dạng này", kind.Type), fmt.Sprintf("this format has no lines of type %.40q", kind.Type), nil)
}

func (f *fileVerifier) takeFormat(format int) error {
	if format > FileFormat {
		return f.bad(slides.Newer, fmt.Sprintf("tệp có định dạng %d, mới hơn phần mềm này (%d); hãy cập nhật", format, FileFormat),
			fmt.Sprintf("the file has format %d, newer than this program's %d; update it", format, FileFormat), nil)
	}
	if format < 1 {
		return f.bad(slides.Invalid, "thiếu số định dạng", "the format's number is missing", nil)
	}
	f.begun = true
	return nil
}

func (f *fileVerifier) takeChain(b []byte) error {
	var l chainLine
	if err := f.read(b, &l); err != nil {
		return err
	}
	switch {
	case len(l.Key) != ed25519.PublicKeySize:
		return f.bad(slides.Invalid, "khóa của chuỗi sai kích thước", "the chain's key has a wrong size", nil)
	case f.chains[l.ID] != nil:
		return f.bad(slides.Invalid, "chuỗi "+l.ID.String()+" được khai báo hai lần", "the chain "+l.ID.String()+" is there twice", nil)
	case len(f.order) >= MaxChains:
		return f.bad(slides.TooLarge, "quá nhiều chuỗi", "there are too many chains", nil)
	}
	v := NewVerifier(l.ID, l.Key)
	v.report.Kiosk, v.report.Pairing = l.Kiosk, l.Pairing
	f.chains[l.ID] = v
	f.order = append(f.order, v)
	return nil
}

func (f *fileVerifier) takeRecord(b []byte) error {
	var l recordLine
	if err := f.read(b, &l); err != nil {
		return err
	}
	v, err := f.chain(l.Chain)
	if err != nil {
		return err
	}
	f.records++
	v.Record(&l.Record) // its problems are in the report
	return nil
}

func (f *fileVerifier) takeSigned(kind string, b []byte) error {
	var l signedLine
	if err := f.read(b, &l); err != nil {
		return err
	}
	v, err := f.chain(l.Chain)
	if err != nil {
		return err
	}
	if kind == "gap" {
		v.Gap(l.Signed)
	} else {
		v.Head(l.Signed)
	}
	return nil
}

func (f *fileVerifier) takeEnd(b []byte) error {
	var l endLine
	if err := f.read(b, &l); err != nil {
		return err
	}
	f.ended = true
	if l.Chains != uint64(len(f.order)) || l.Records != f.records {
		return f.bad(slides.Corrupt, fmt.Sprintf("dòng cuối ghi %d chuỗi, %d phiếu nhưng tệp có %d chuỗi, %d phiếu", l.Chains, l.Records, len(f.order), f.records),
			fmt.Sprintf("the last line counts %d chains and %d records, but the file has %d and %d", l.Chains, l.Records, len(f.order), f.records), nil)
	}
	return nil
}

func (f *fileVerifier) chain(c ID) (*Verifier, error) {
	if v := f.chains[c]; v != nil {
		return v, nil
	}
	return nil, f.bad(slides.Invalid, "chuỗi "+c.String()+" chưa được khai báo", "the chain "+c.String()+" has no line of its own before this", nil)
}

func (f *fileVerifier) read(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return f.bad(slides.Invalid, "không đọc được: không phải JSON đúng kiểu", "it can't be read: it is not JSON of the right shape", err)
	}
	return nil
}

func (f *fileVerifier) cut() error {
	return slides.E(slides.Corrupt, "chain.VerifyFile", fmt.Sprintf("Tệp bị cắt ngang sau dòng %d: thiếu dòng kết thúc. Hãy xuất hoặc sao chép lại.", f.line),
		fmt.Sprintf("The file is cut short after line %d: its last line is missing. Export or copy it again.", f.line), nil)
}

func (f *fileVerifier) bad(kind slides.ErrKind, vi, en string, cause error) error {
	return slides.E(kind, "chain.VerifyFile", fmt.Sprintf("Dòng %d: %s.", f.line, vi), fmt.Sprintf("Line %d: %s.", f.line, en), cause)
}
