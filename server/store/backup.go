package store

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"motcua/slides"
)

// A backup is one tar file: backup.json, the database (VACUUM INTO: a
// consistent copy while the server runs), the blobs that are files, and last
// sums.json with the SHA-256 of each. A cut file has no sums and is refused.
const (
	backupFormat = 1
	infoName     = "backup.json"
	sumsName     = "sums.json"
	maxJSON      = 64 << 20
)

type backupInfo struct {
	Format int           `json:"format"`
	Epoch  string        `json:"epoch"`
	At     slides.Millis `json:"at"`
}

// Backup writes one file with everything, while the server runs; durable on
// return, never over an existing file.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	const op = "store.Backup"
	fail := func(err error) error {
		return slides.E(slides.Broken, op, fmt.Sprintf("Không ghi được bản sao lưu %s; không có gì được để lại.", path), fmt.Sprintf("The backup %s can't be written; nothing was left behind.", path), err)
	}
	if _, err := os.Lstat(path); err == nil {
		return slides.E(slides.Conflict, op, fmt.Sprintf("Đã có tệp %s; hãy chọn tên khác.", path), fmt.Sprintf("%s exists; choose another name.", path), nil)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".motcua-backup-*")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	db := filepath.Join(dir, DatabaseFile)
	// The copy is made by a reader of its own (the others may not write at all,
	// this one writes the copy): ratings go on being taken.
	reader := open(filepath.Join(s.dir, DatabaseFile), "mode=ro&_busy_timeout=10000")
	_, err = reader.ExecContext(ctx, "VACUUM INTO ?", db)
	if err = errors.Join(err, reader.Close()); err != nil {
		return wrap(op, err)
	}
	f, err := os.Create(filepath.Join(dir, "backup"))
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	w := &backupWriter{tar: tar.NewWriter(f), at: s.Now(), sums: map[string]string{}}
	if err := errors.Join(w.json(infoName, backupInfo{backupFormat, s.epoch, w.at}), w.file(DatabaseFile, db), s.backupBlobs(ctx, w)); err != nil {
		return fail(err)
	}
	if err := errors.Join(w.json(sumsName, w.sums), w.tar.Close(), f.Sync()); err != nil {
		return fail(err)
	}
	// Link, not rename: it never replaces a file that came meanwhile.
	if err := os.Link(f.Name(), path); err != nil {
		return fail(err)
	}
	return syncDir(filepath.Dir(path))
}

type backupWriter struct {
	tar  *tar.Writer
	at   slides.Millis
	sums map[string]string
}

func (w *backupWriter) json(name string, v any) error {
	b := []byte(toJSON(v))
	return w.put(name, int64(len(b)), strings.NewReader(string(b)))
}

func (w *backupWriter) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.put(name, info.Size(), f)
}

func (w *backupWriter) put(name string, size int64, r io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.at.Time().Truncate(time.Second), Format: tar.FormatPAX}); err != nil {
		return err
	}
	h := sha256.New()
	_, err := io.Copy(io.MultiWriter(w.tar, h), r)
	w.sums[name] = hex.EncodeToString(h.Sum(nil))
	return err
}

func (s *Store) backupBlobs(ctx context.Context, w *backupWriter) error {
	var shas []string
	if err := s.read(ctx, "store.Backup", func(t *txn) error {
		return t.each("SELECT sha FROM blobs WHERE data IS NULL AND size > 0 ORDER BY sha", nil, func(rows *sql.Rows) error {
			var sha string
			err := rows.Scan(&sha)
			shas = append(shas, sha)
			return err
		})
	}); err != nil {
		return err
	}
	for _, sha := range shas {
		if err := w.file("blobs/"+sha, s.blobPath(sha)); err != nil {
			return err
		}
	}
	return nil
}

// Restore unpacks a backup into dir, which must not hold a database yet, under
// a new epoch: kiosks then send again what the backup lacks.
func Restore(ctx context.Context, file, dir string, o Options) error {
	const op = "store.Restore"
	if _, err := os.Lstat(filepath.Join(dir, DatabaseFile)); !errors.Is(err, fs.ErrNotExist) {
		return slides.E(slides.Conflict, op, fmt.Sprintf("Thư mục %s đã có cơ sở dữ liệu; hãy phục hồi vào một thư mục trống.", dir),
			fmt.Sprintf("%s holds a database already; restore into an empty folder.", dir), err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(op, dir, err)
	}
	// Everything is unpacked and checked beside its place; the database, without
	// which the rest is nothing, moves last.
	tmp, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return unwritable(op, dir, err)
	}
	defer os.RemoveAll(tmp)
	if err := unpack(op, file, tmp); err != nil {
		return err
	}
	s, err := Open(tmp, o)
	if err != nil {
		return err
	}
	if err = s.begin(ctx); err == nil {
		// Only the database file moves to its place: nothing may stand in the WAL.
		_, err = s.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return wrap(op, err)
	}
	return wrap(op, install(tmp, dir))
}

// install moves what was unpacked to its place.
func install(tmp, dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o700); err != nil {
		return err
	}
	parts, err := os.ReadDir(filepath.Join(tmp, "blobs"))
	if err != nil {
		return err
	}
	for _, p := range parts {
		to := filepath.Join(dir, "blobs", p.Name())
		if err := os.RemoveAll(to); err != nil { // of a restore that was broken off
			return err
		}
		if err := os.Rename(filepath.Join(tmp, "blobs", p.Name()), to); err != nil {
			return err
		}
	}
	if err := syncDir(filepath.Join(dir, "blobs")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(tmp, DatabaseFile), filepath.Join(dir, DatabaseFile)); err != nil {
		return err
	}
	return syncDir(dir)
}

// unpack writes the backup's files into dir and checks their sums.
func unpack(op, file, dir string) error {
	damaged := func(err error) error {
		return slides.E(slides.Corrupt, op, fmt.Sprintf("Bản sao lưu %s bị hỏng, bị cắt cụt hoặc không phải bản sao lưu của Một Cửa.", file),
			fmt.Sprintf("The backup %s is damaged, cut short, or not a backup of Một Cửa.", file), err)
	}
	f, err := os.Open(file)
	if err != nil {
		return slides.E(slides.NotFound, op, fmt.Sprintf("Không mở được bản sao lưu %s.", file), fmt.Sprintf("The backup %s can't be opened.", file), err)
	}
	defer f.Close()
	r := tar.NewReader(f)
	sums, got := map[string]string(nil), map[string]string{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return damaged(err)
		}
		switch sha, isBlob := strings.CutPrefix(h.Name, "blobs/"); {
		case h.Name == infoName:
			var info backupInfo
			b, err := io.ReadAll(io.LimitReader(r, maxJSON))
			if err == nil {
				err = json.Unmarshal(b, &info)
			}
			if err != nil {
				return damaged(err)
			}
			if info.Format > backupFormat {
				return slides.E(slides.Newer, op, "Bản sao lưu do phiên bản mới hơn tạo ra; hãy dùng phiên bản đó để phục hồi.", "A newer version made this backup; restore it with that version.", nil)
			}
			sum := sha256.Sum256(b)
			got[h.Name] = hex.EncodeToString(sum[:])
		case h.Name == sumsName:
			b, err := io.ReadAll(io.LimitReader(r, maxJSON))
			if err == nil {
				err = json.Unmarshal(b, &sums)
			}
			if err != nil {
				return damaged(err)
			}
		case h.Name == DatabaseFile || isBlob && slides.ValidSHA(sha):
			to := filepath.Join(dir, DatabaseFile)
			if isBlob {
				to = filepath.Join(dir, "blobs", sha[:2], sha)
			}
			if got[h.Name], err = unpackFile(r, to); err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) {
					return damaged(err)
				}
				return wrap(op, err)
			}
			if isBlob && got[h.Name] != sha {
				return damaged(nil)
			}
		}
	}
	if sums == nil || got[DatabaseFile] == "" || len(sums) != len(got) {
		return damaged(nil)
	}
	for name, sum := range sums {
		if got[name] != sum {
			return damaged(nil)
		}
	}
	return nil
}

func unpackFile(r io.Reader, to string) (sum string, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	err = errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(to)))
	return hex.EncodeToString(h.Sum(nil)), err
}

// begin starts a new life of a restored database: a new epoch, everybody signed
// out (a session may have been ended since), no old work, every manifest anew.
func (s *Store) begin(ctx context.Context) error {
	const op = "store.Restore"
	return s.write(ctx, op, func(t *txn) error {
		old := s.epoch
		s.epoch = randomID("e")
		if err := t.setMeta("epoch", []byte(s.epoch)); err != nil {
			return err
		}
		var err error
		if s.own, err = t.ownKey(); err != nil {
			return err
		}
		for _, q := range []string{
			"DELETE FROM sessions", "DELETE FROM setup_tokens", "DELETE FROM leases", "DELETE FROM failures",
			"UPDATE pairings SET state = 'expired' WHERE state = 'waiting'",
			"DELETE FROM commands WHERE done = 0",
			// What kiosks said of themselves may be newer than this copy knows.
			"UPDATE kiosk_status SET head_seq = 0, pending = 0",
		} {
			if err := t.exec(q); err != nil {
				return err
			}
		}
		snap, err := t.snapshot(0, slides.AtBoundary)
		if err != nil {
			return err
		}
		p := Publication{Epoch: s.epoch, Kind: "restore", At: t.now, Note: "Phục hồi từ bản sao lưu"}
		if err := t.reserve(&p); err != nil {
			return err
		}
		snap.Revision = p.Revision
		if err := t.issueAll(&p, snap, true); err != nil {
			return err
		}
		return t.audit(Actor{}, "restore", "epoch:"+s.epoch, map[string]any{"before": old})
	})
}
