package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"motcua/slides"
)

// inDatabase is the size up to which a blob's bytes stand in the database:
// below it SQLite is faster than the file system, above it pages of it would
// drive the ratings' out of the cache.
const inDatabase = 64 << 10

// PutBlob keeps bytes under their hash, durable on return; TooLarge over limit.
func (s *Store) PutBlob(ctx context.Context, mime string, r io.Reader, limit int64) (slides.BlobRef, error) {
	const op = "store.PutBlob"
	small, err := io.ReadAll(io.LimitReader(r, min(limit, inDatabase)+1))
	if err != nil {
		return slides.BlobRef{}, wrap(op, err)
	}
	large := func() error {
		return slides.E(slides.TooLarge, op, fmt.Sprintf("Tệp quá lớn (tối đa %d KiB).", limit>>10), fmt.Sprintf("The file is too large (%d KiB at most).", limit>>10), nil)
	}
	if int64(len(small)) > limit {
		return slides.BlobRef{}, large()
	}
	if len(small) <= inDatabase {
		ref := slides.BlobRef{SHA: slides.Sum(small), Size: int64(len(small)), Type: mime}
		return ref, s.write(ctx, op, func(t *txn) error { return t.putBlob(ref, small) })
	}
	f, err := os.CreateTemp(filepath.Join(s.dir, "blobs"), ".new-*")
	if err != nil {
		return slides.BlobRef{}, unwritable(op, s.dir, err)
	}
	defer func() {
		f.Close()
		os.Remove(f.Name()) // gone already when it was renamed
	}()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(io.MultiReader(bytes.NewReader(small), r), limit+1))
	if err != nil {
		return slides.BlobRef{}, wrap(op, err)
	}
	if n > limit {
		return slides.BlobRef{}, large()
	}
	ref := slides.BlobRef{SHA: hex.EncodeToString(h.Sum(nil)), Size: n, Type: mime}
	if err := s.settle(f, ref.SHA); err != nil {
		return ref, unwritable(op, s.dir, err)
	}
	return ref, s.write(ctx, op, func(t *txn) error {
		if err := t.putBlob(ref, nil); err != nil {
			return err
		}
		if _, err := os.Stat(s.blobPath(ref.SHA)); err != nil { // tidied away between the two
			return slides.E(slides.Throttled, op, "Tệp vừa bị dọn đi trong lúc lưu; hãy thử lại.", "The file was tidied away while it was being kept; try again.", err)
		}
		return nil
	})
}

// settle makes a written file durable under its name. The row comes after it:
// a file without a row is harmless, a row without a file would not be.
func (s *Store) settle(f *os.File, sha string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.blobPath(sha)), 0o700); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), s.blobPath(sha)); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(s.blobPath(sha))), syncDir(filepath.Join(s.dir, "blobs")))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Store) blobPath(sha string) string { return filepath.Join(s.dir, "blobs", sha[:2], sha) }

// putBlob adds the row; data nil says that the bytes are a file.
func (t *txn) putBlob(ref slides.BlobRef, data []byte) error {
	if data == nil && ref.Size == 0 {
		data = []byte{}
	}
	return t.exec("INSERT INTO blobs VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", ref.SHA, ref.Size, ref.Type, data, t.now)
}

// keepBlob keeps bytes that are made within a transaction. A large one becomes
// a file before its row is committed; rolled back, the file is harmless.
func (t *txn) keepBlob(op string, ref slides.BlobRef, b []byte) error {
	if len(b) <= inDatabase {
		return t.putBlob(ref, b)
	}
	f, err := os.CreateTemp(filepath.Join(t.s.dir, "blobs"), ".new-*")
	if err != nil {
		return unwritable(op, t.s.dir, err)
	}
	defer func() {
		f.Close()
		os.Remove(f.Name()) // gone already when it was renamed
	}()
	if _, err := f.Write(b); err != nil {
		return wrap(op, err)
	}
	if err := t.s.settle(f, ref.SHA); err != nil {
		return unwritable(op, t.s.dir, err)
	}
	return t.putBlob(ref, nil)
}

func (t *txn) blobRef(op, sha string) (ref slides.BlobRef, err error) {
	err = t.row("SELECT sha, size, type FROM blobs WHERE sha = ?", sha).Scan(&ref.SHA, &ref.Size, &ref.Type)
	if errors.Is(err, sql.ErrNoRows) {
		return ref, notFound(op, "Không có tệp này.", "There is no such file.")
	}
	return ref, err
}

// BlobRef tells size and type of a blob.
func (s *Store) BlobRef(ctx context.Context, sha string) (ref slides.BlobRef, err error) {
	err = s.read(ctx, "store.BlobRef", func(t *txn) error {
		ref, err = t.blobRef("store.BlobRef", sha)
		return err
	})
	return ref, err
}

// inMemory is a small blob as an open file.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// Blob opens a blob.
func (s *Store) Blob(ctx context.Context, sha string) (b *Blob, err error) {
	const op = "store.Blob"
	var data []byte
	b = &Blob{}
	err = s.read(ctx, op, func(t *txn) error {
		if b.BlobRef, err = t.blobRef(op, sha); err != nil {
			return err
		}
		return t.row("SELECT data FROM blobs WHERE sha = ?", sha).Scan(&data)
	})
	if err != nil {
		return nil, err
	}
	if data != nil || b.Size == 0 {
		b.ReadSeekCloser = inMemory{bytes.NewReader(data)}
		return b, nil
	}
	f, err := os.Open(s.blobPath(sha))
	if err != nil {
		return nil, slides.E(slides.Corrupt, op, fmt.Sprintf("Tệp %.12s… đã mất khỏi thư mục dữ liệu; hãy tải lên lại hoặc phục hồi bản sao lưu.", sha),
			fmt.Sprintf("The file %.12s… is gone from the data folder; upload it again or restore a backup.", sha), err)
	}
	b.ReadSeekCloser = f
	return b, nil
}

// SmallBlobs reads those of the blobs that are at most each bytes long (at most
// 64 KiB): for inlining.
func (s *Store) SmallBlobs(ctx context.Context, shas []string, each int64) (out map[string][]byte, err error) {
	out = map[string][]byte{}
	err = s.read(ctx, "store.SmallBlobs", func(t *txn) error {
		for _, sha := range shas {
			var data []byte
			err := t.row("SELECT data FROM blobs WHERE sha = ? AND size <= ? AND data IS NOT NULL", sha, each).Scan(&data)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			out[sha] = data
		}
		return nil
	})
	return out, err
}
