package vault

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"motcua/slides"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maxSmall bounds a twice-written file.
const maxSmall = 4 << 20

// errDamaged says that both copies of a small file are there and unreadable.
var errDamaged = errors.New("both copies are damaged")

// seal frames body as one copy of a small file: a line "motcua 1 <generation>
// <length> <CRC-32C in hex>", then the body. The sum also covers the rest of
// the line, so that a flipped bit in the generation is found as well.
func seal(gen uint64, body []byte) []byte {
	line := fmt.Sprintf("motcua 1 %d %d ", gen, len(body))
	sum := crc32.Update(crc32.Checksum([]byte(line), castagnoli), castagnoli, body)
	return append(fmt.Appendf(nil, "%s%08x\n", line, sum), body...)
}

// unseal reads what seal wrote.
func unseal(b []byte) (gen uint64, body []byte, err error) {
	bad := slides.E(slides.Corrupt, "vault.unseal", "Tệp của ki-ốt bị hỏng.", "A file of the kiosk is damaged.", nil)
	line, body, ok := bytes.Cut(b, []byte("\n"))
	f := strings.Split(string(line), " ")
	if !ok || len(line) > 80 || len(f) != 5 || f[0] != "motcua" || f[1] != "1" {
		return 0, nil, bad
	}
	gen, err = strconv.ParseUint(f[2], 10, 64)
	if err != nil || f[3] != strconv.Itoa(len(body)) || !bytes.Equal(seal(gen, body), b) {
		return 0, nil, bad
	}
	return gen, body, nil
}

// readTwice returns the newest readable copy of a twice-written file:
// fs.ErrNotExist where there is none, errDamaged where there are only bad ones.
func readTwice(d Disk, name string) ([]byte, error) {
	body, _, _, err := readCopies(d, name)
	return body, err
}

func readCopies(d Disk, name string) (body []byte, gen uint64, good int, err error) {
	err = fs.ErrNotExist
	for _, suffix := range []string{".1", ".2"} {
		raw, rerr := readFile(d, name+suffix, maxSmall)
		if missing(rerr) {
			continue
		}
		var g uint64
		var b []byte
		if rerr == nil {
			g, b, rerr = unseal(raw)
		}
		if rerr != nil {
			if good == 0 {
				err = errDamaged
			}
			continue
		}
		good++
		err = nil
		if good == 1 || g > gen {
			gen, body = g, b
		}
	}
	return body, gen, good, err
}

// writeTwice replaces a small file durably. Two copies are written one after
// the other, each by rename, so that a power cut leaves a whole one and a
// rotten sector takes at most one of them.
func writeTwice(d Disk, name string, body []byte) error {
	_, gen, _, _ := readCopies(d, name)
	b := seal(gen+1, body)
	for _, suffix := range []string{".1", ".2"} {
		if err := writeFile(d, name+suffix, b); err != nil {
			return err
		}
	}
	return nil
}

func removeTwice(d Disk, name string) error {
	for _, suffix := range []string{".1", ".2"} {
		if err := d.Remove(name + suffix); err != nil && !missing(err) {
			return err
		}
	}
	return d.SyncDir(path.Dir(name))
}

// writeFile makes or replaces a file durably: temporary name, write, sync,
// rename, sync of the folder.
func writeFile(d Disk, name string, b []byte) error {
	tmp := name + ".tmp"
	f, err := d.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = d.Rename(tmp, name)
	}
	if err != nil {
		d.Remove(tmp) // the space may be needed; what stays is swept at the next Open
		return err
	}
	return d.SyncDir(path.Dir(name))
}

// readFile reads a whole file of at most max bytes.
func readFile(d Disk, name string, max int64) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := f.Size()
	if err != nil {
		return nil, err
	}
	if n > max {
		return nil, slides.E(slides.TooLarge, "vault.readFile", "Tệp quá lớn.", "The file is too large.", nil)
	}
	b := make([]byte, n)
	if k, err := f.ReadAt(b, 0); k < len(b) {
		return nil, err
	}
	return b, nil
}
