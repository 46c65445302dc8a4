package insight

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// Formats of an export.
const (
	CSV   = "csv"   // one line per answer, for a spreadsheet
	JSONL = "jsonl" // the chains, for `motcua verify`
)

// Export writes every rating in a format. Unless full, only the core section
// goes out: place, the hour, the answers; neither the moment nor Phần A nor
// free text. The headers keep the hashes of what is left out, so a redacted
// JSONL verifies all the same. The caller checks the right and writes the audit.
func Export(ctx context.Context, st *store.Store, w io.Writer, format string, full bool) error {
	if format == CSV {
		return exportCSV(ctx, st, w, full)
	}
	return exportChains(ctx, st, w, full)
}

func exportChains(ctx context.Context, st *store.Store, w io.Writer, full bool) error {
	chains, err := st.Chains(ctx, "")
	if err != nil {
		return err
	}
	out := chain.NewWriter(w)
	for _, c := range chains {
		if err := out.Chain(chain.Origin{ID: c.Chain, Key: c.Key, Kiosk: c.Kiosk, Pairing: c.Started.Time().Format(time.RFC3339)}); err != nil {
			return err
		}
		for item, err := range st.ChainItems(ctx, c.Chain, 1) {
			switch {
			case err != nil:
				return err
			case item.Gap != nil:
				err = out.Gap(c.Chain, *item.Gap)
			default:
				r := *item.Record
				if !full {
					r.Sections = onlyCore(r.Sections)
				}
				err = out.Record(c.Chain, &r)
			}
			if err == nil && c.Head != nil && item.Seq == c.HeadSeq {
				err = out.Head(c.Chain, *c.Head)
			}
			if err != nil {
				return err
			}
		}
	}
	return out.Close()
}

func onlyCore(all []chain.Section) []chain.Section {
	for _, s := range all {
		if s.Kind == chain.Core {
			return []chain.Section{s}
		}
	}
	return nil
}

// exportCSV writes UTF-8 with a byte order mark and semicolons: that is what
// Excel with Vietnamese settings opens rightly.
func exportCSV(ctx context.Context, st *store.Store, w io.Writer, full bool) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	head := []string{"chain", "seq", "hour_utc", "unit", "kiosk", "counter", "procedure", "channel", "lang", "questionnaire", "version", "question", "level", "tags", "partial", "suspect"}
	if full {
		head = append(head, "moment_utc", "part_a", "text")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for row, err := range st.Ratings(ctx, store.RatingFilter{}) {
		if err != nil {
			return err
		}
		for _, line := range lines(row, full) {
			for i := range line {
				line[i] = inert(line[i])
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// lines are a rating's answers; a rating whose core can't be read (it is kept,
// as suspect) still has a line.
func lines(row store.RatingRow, full bool) [][]string {
	var core survey.Rating
	var moment survey.Moment
	var partA, text string
	for _, s := range row.Sections {
		switch s.Kind {
		case chain.Core:
			if json.Unmarshal(s.Body, &core) != nil {
				core = survey.Rating{}
			}
		case chain.Moment:
			if json.Unmarshal(s.Body, &moment) != nil {
				moment = survey.Moment{}
			}
		case chain.PartA:
			partA = string(s.Body)
		case chain.Free:
			var f survey.FreeText
			if json.Unmarshal(s.Body, &f) == nil {
				text = f.Text
			}
		}
	}
	answers := core.Answers
	if len(answers) == 0 {
		answers = []survey.Answer{{Level: -1}}
	}
	var out [][]string
	for _, a := range answers {
		level := ""
		if a.Level >= 0 {
			level = strconv.Itoa(int(a.Level))
		}
		line := []string{
			row.Chain.String(), strconv.FormatUint(row.Seq, 10), row.Hour.Time().Format("2006-01-02T15:00Z"), row.Unit, row.Kiosk, row.Counter, row.Proc,
			string(row.Channel), row.Lang, row.Form, strconv.Itoa(row.Version), a.Question, level, strings.Join(core.Tags, " "),
			strconv.FormatBool(row.Partial), row.Suspect,
		}
		if full {
			at := ""
			if moment.At != 0 {
				at = moment.At.Time().Format(time.RFC3339)
			}
			line = append(line, at, partA, text)
		}
		out = append(out, line)
	}
	return out
}

// inert keeps a spreadsheet from running a cell as a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
