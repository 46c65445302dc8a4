// Package migrations holds the database's schema as steps that only ever
// append: a step that was released is never edited, its checksum is recorded
// where it ran.
package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

//go:embed sqlite/*.sql
var files embed.FS

// Step is one migration.
type Step struct {
	Version int    // from 1, without holes
	Name    string // "0001_init"
	SQL     string
	Sum     string // SHA-256 of SQL, hexadecimal
}

// SQLite lists the steps for SQLite in order.
func SQLite() ([]Step, error) {
	entries, err := files.ReadDir("sqlite")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, e := range entries {
		b, err := files.ReadFile("sqlite/" + e.Name())
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(e.Name(), ".sql")
		v, err := strconv.Atoi(strings.SplitN(name, "_", 2)[0])
		if err != nil {
			return nil, fmt.Errorf("migrations: %s has no number", e.Name())
		}
		sum := sha256.Sum256(b)
		steps = append(steps, Step{Version: v, Name: name, SQL: string(b), Sum: hex.EncodeToString(sum[:])})
	}
	sort.Slice(steps, func(i, j int) bool { return steps[i].Version < steps[j].Version })
	for i, s := range steps {
		if s.Version != i+1 {
			return nil, fmt.Errorf("migrations: step %d is missing", i+1)
		}
	}
	return steps, nil
}
