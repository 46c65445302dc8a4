package store

import (
	"context"
	"fmt"

	"motcua/migrations"
	"motcua/slides"
)

// migrate brings the schema to what this program knows, each step in a
// transaction of its own. Another server may do the same at once: each
// transaction looks again at what is there.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := migrations.SQLite()
	if err != nil {
		return err
	}
	return s.migrateTo(ctx, steps)
}

func (s *Store) migrateTo(ctx context.Context, steps []migrations.Step) error {
	const op = "store.Open"
	if _, err := s.w.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_steps (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, sum TEXT NOT NULL, at INTEGER NOT NULL) STRICT`); err != nil {
		return err
	}
	for done := false; !done; {
		err := s.write(ctx, op, func(t *txn) error {
			at, err := t.schema(op, steps)
			if err != nil || at == len(steps) {
				done = true
				return err
			}
			step := steps[at]
			if _, err := t.tx.ExecContext(ctx, step.SQL); err != nil {
				return slides.E(slides.Broken, op, "Không nâng cấp được cơ sở dữ liệu (bước "+step.Name+"); dữ liệu vẫn như cũ.",
					"The database can't be upgraded (step "+step.Name+"); it is as it was.", err)
			}
			return t.exec("INSERT INTO schema_steps VALUES (?, ?, ?, ?)", step.Version, step.Name, step.Sum, t.now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// schema checks the steps that ran and returns how many they are.
func (t *txn) schema(op string, steps []migrations.Step) (int, error) {
	rows, err := t.query("SELECT version, name, sum FROM schema_steps ORDER BY version")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var version int
		var name, sum string
		if err := rows.Scan(&version, &name, &sum); err != nil {
			return 0, err
		}
		if version > len(steps) {
			return 0, slides.E(slides.Newer, op,
				fmt.Sprintf("Cơ sở dữ liệu do phiên bản mới hơn tạo ra (bước %s); hãy chạy phiên bản mới đó, hoặc phục hồi bản sao lưu cũ.", name),
				fmt.Sprintf("A newer version wrote this database (step %s); run that version, or restore an older backup.", name), nil)
		}
		if steps[version-1].Sum != sum || n+1 != version {
			return 0, slides.E(slides.Corrupt, op,
				fmt.Sprintf("Bước nâng cấp %s trong cơ sở dữ liệu khác với chương trình này; không mở để tránh làm hỏng dữ liệu.", name),
				fmt.Sprintf("Schema step %s of the database is not this program's; it is not opened, to keep the data whole.", name), nil)
		}
		n = version
	}
	return n, rows.Err()
}
