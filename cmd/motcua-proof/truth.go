package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"motcua/server/store"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// counts are what a fault row came to.
type counts struct {
	runs, kills int
	thanked     int // ratings that said thanks
	stored      int // records in the database
	doubled     int // ratings that are there twice
	lost        int // thanked, neither there nor covered by a reported gap
	foreign     int // there, but neither thanked nor possibly in flight
	flight      int // there though not thanked: the append that a kill interrupted
	gaps        int // gap records
	over        int // records that gaps stand for though the medium had them whole
	covered     int // thanked ratings that gaps stand for
	refused     int // said to be refused for want of space
	forks       int // in quarantine: there must be none
	chains      int
	chainsOK    bool
	rollupsOK   bool
	nameless    bool   // the ratings' names are not their own: doubles show by their places alone
	first       string // the first thing that is wrong
}

// bad says whether a count is one that must not be.
func (c *counts) bad() bool {
	return c.doubled+c.lost+c.foreign+c.forks+c.over > 0 || !c.chainsOK || !c.rollupsOK || c.thanked == 0
}

func (c *counts) wrong(format string, a ...any) {
	if c.first == "" {
		c.first = fmt.Sprintf(format, a...)
	}
}

// damage says how many records of a chain its damaged medium may have lost; a
// chain that is not there may have no gap at all.
type damage map[chain.ID]int

// judge compares what said thanks with the database in dir, whose server must
// have stopped: the exported file is read as an outsider would. flights is how
// many appends may have been interrupted after they were on the medium.
func judge(ctx context.Context, dir string, thanked []thanks, c counts, d damage, flights int) (counts, error) {
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		return c, err
	}
	defer st.Close()
	file := filepath.Join(dir, "export.jsonl")
	if err := exportAll(ctx, st, file); err != nil {
		return c, err
	}
	c.rollupsOK = true
	if err := st.CheckRollups(ctx); err != nil {
		c.rollupsOK = false
		c.wrong("roll-ups: %v", err)
	}
	forks, err := st.Forks(ctx, 1000)
	if err != nil {
		return c, err
	}
	if c.forks = len(forks); c.forks > 0 {
		c.wrong("fork: kiosk %s seq %d: %s", forks[0].Kiosk, forks[0].Seq, forks[0].Why)
	}
	return judgeFile(file, thanked, c, d, flights)
}

// exportAll writes the ratings file with every section, as motcua export does.
func exportAll(ctx context.Context, st *store.Store, file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := chain.NewWriter(f)
	all, err := st.Chains(ctx, "")
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := w.Chain(chain.Origin{ID: c.Chain, Key: c.Key, Kiosk: c.Kiosk, Pairing: c.Started.Time().Format(time.RFC3339)}); err != nil {
			return err
		}
		for item, err := range st.ChainItems(ctx, c.Chain, 1) {
			if err != nil {
				return err
			}
			if item.Gap != nil {
				err = w.Gap(c.Chain, *item.Gap)
			} else {
				err = w.Record(c.Chain, item.Record)
			}
			if err == nil && c.Head != nil && item.Gap == nil && item.Seq == c.HeadSeq {
				err = w.Head(c.Chain, *c.Head)
			}
			if err != nil {
				return err
			}
		}
	}
	return w.Close()
}

// place is where a rating stands.
type place struct {
	chain chain.ID
	seq   uint64
}

// judgeFile verifies an exported file and counts it against the journal.
func judgeFile(file string, thanked []thanks, c counts, d damage, flights int) (counts, error) {
	f, err := os.Open(file)
	if err != nil {
		return c, err
	}
	defer f.Close()
	reports, err := chain.VerifyFile(f)
	if err != nil {
		return c, fmt.Errorf("the exported file: %w", err)
	}
	c.chains, c.chainsOK = len(reports), true
	lost := map[chain.ID][]chain.Gap{}
	for _, r := range reports {
		if !r.OK() {
			c.chainsOK = false
			c.wrong("chain %s: %v", r.Chain, r.Problems)
		}
		c.gaps += len(r.Gaps)
		lost[r.Chain] = r.Gaps
		if may := uint64(d[r.Chain]); r.Lost > may {
			c.over += int(r.Lost - may)
			c.wrong("chain %s: gaps over %d records, the damage was to %d", r.Chain, r.Lost, may)
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return c, err
	}
	have, named, err := readExport(f, &c)
	if err != nil {
		return c, err
	}
	c.stored, c.thanked = len(have), len(thanked)
	said := map[place]bool{}
	for _, t := range thanked {
		at := place{t.Chain, t.Seq}
		switch h, ok := have[at]; {
		case ok && h == t.Hash:
			said[at] = true
		case ok:
			c.lost++
			c.wrong("another record stands at %s %d", t.Chain, t.Seq)
		case covered(lost[t.Chain], t.Seq):
			c.covered++
		default:
			c.lost++
			c.wrong("rating %d of chain %s said thanks and is gone", t.Seq, t.Chain)
		}
	}
	for at := range have {
		if !said[at] {
			c.flight++
		}
	}
	for name, n := range named {
		if n > 1 && !c.nameless {
			c.doubled += n - 1
			c.wrong("rating %s is there %d times", name, n)
		}
	}
	if c.flight > flights {
		c.foreign = c.flight - flights
		c.wrong("%d ratings are there that nobody was thanked for; at most %d were in flight", c.flight, flights)
	}
	return c, nil
}

func covered(gaps []chain.Gap, seq uint64) bool {
	for _, g := range gaps {
		if g.From <= seq && seq <= g.To {
			return true
		}
	}
	return false
}

// readExport reads the records: their header's hash by place, and how often
// each rating, by the number that its maker gave it, is there.
func readExport(f io.Reader, c *counts) (map[place]chain.Hash, map[string]int, error) {
	have, named := map[place]chain.Hash{}, map[string]int{}
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, chain.MaxLine), chain.MaxLine)
	for sc.Scan() {
		var l struct {
			Type  string   `json:"type"`
			Chain chain.ID `json:"chain"`
			chain.Record
		}
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return nil, nil, err
		}
		if l.Type != "record" {
			continue
		}
		h, err := chain.ParseHeader(l.Header)
		if err != nil {
			return nil, nil, err
		}
		at := place{l.Chain, h.Seq}
		if _, ok := have[at]; ok {
			c.doubled++
			c.wrong("place %d of chain %s is there twice", h.Seq, l.Chain)
		}
		have[at] = chain.HashOf(l.Header)
		for _, s := range l.Sections {
			var r survey.Rating
			if s.Kind == chain.Core && json.Unmarshal(s.Body, &r) == nil {
				named[r.Shown]++
			}
		}
	}
	return have, named, sc.Err()
}

// line makes the table's line of a fault row.
func (c *counts) line(what string) line {
	chains := "chains verify"
	if !c.chainsOK {
		chains = "CHAINS DO NOT VERIFY"
	}
	rolls := "roll-ups = raw"
	if !c.rollupsOK {
		rolls = "ROLL-UPS DIFFER"
	}
	measured := fmt.Sprintf("%d runs, %d kills or cuts: thanked %d, stored %d, doubled %d, lost %d, unasked %d", c.runs, c.kills, c.thanked, c.stored, c.doubled, c.lost, c.foreign)
	limit := fmt.Sprintf("gaps %d over %d thanked (intact among them %d), in flight %d, refused %d, forks %d, %d %s, %s", c.gaps, c.covered, c.over, c.flight, c.refused, c.forks, c.chains, chains, rolls)
	if c.first != "" {
		limit += "; first: " + c.first
	}
	return line{promise: what, measured: measured, limit: limit, wrong: c.bad()}
}
