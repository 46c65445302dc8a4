package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// BenchmarkRaw is the limit that BenchmarkIngest is held against: what SQLite
// does with the same rows when nothing is checked, parsed or gathered. A
// transaction of 64 ratings (synchronous=FULL), each one row, its two sections,
// and the six roll-up counters that a rating of one answer moves.
func BenchmarkRaw(b *testing.B) {
	const batch = 64
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "raw.sqlite")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, q := range []string{
		"CREATE TABLE r (chain INTEGER, seq INTEGER, header BLOB, hash BLOB, kiosk TEXT, unit TEXT, hour INTEGER, PRIMARY KEY (chain, seq)) WITHOUT ROWID",
		"CREATE TABLE s (chain INTEGER, seq INTEGER, kind INTEGER, salt BLOB, body BLOB, PRIMARY KEY (chain, seq, kind)) WITHOUT ROWID",
		"CREATE TABLE c (place TEXT, hour INTEGER, q TEXT, n INTEGER, PRIMARY KEY (place, hour, q)) WITHOUT ROWID",
	} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	header, hash, salt, body := make([]byte, 127), make([]byte, 32), make([]byte, 16), make([]byte, 260)
	n := 0
	for b.Loop() {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		rating, err1 := tx.Prepare("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
		section, err2 := tx.Prepare("INSERT INTO s VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
		count, err3 := tx.Prepare("INSERT INTO c VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1")
		if err1 != nil || err2 != nil || err3 != nil {
			b.Fatal(err1, err2, err3)
		}
		do := func(st *sql.Stmt, args ...any) {
			if _, err := st.Exec(args...); err != nil {
				b.Fatal(err)
			}
		}
		kiosk := fmt.Sprintf("k-%d", n/batch%256)
		for range batch {
			n++
			hour := n / 2048
			do(rating, n/batch%256, n, header, hash, kiosk, "mot-cua", hour)
			do(section, n/batch%256, n, 1, salt, body)
			do(section, n/batch%256, n, 2, salt, body[:40])
			for _, place := range []string{"mot-cua", "so", "tinh", kiosk, "week", "all"} {
				do(count, place, hour, "q1")
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "ratings/s")
}
