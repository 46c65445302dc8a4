package studio

import (
	"fmt"

	"motcua/server/store"
	"motcua/slides"
)

// catalogueChange is what publishing would change of the procedures. They go
// live together: an import changes a thousand, and nobody ticks a thousand.
type catalogueChange struct {
	New, Changed, Removed int
	Names                 []string // the first few
	More                  int
}

// proceduresTick names the tick of all changed procedures in the form:
// "procedures::<sum of what the page showed>".
const proceduresTick = "procedures"

// namedChanges is how many procedures the page names.
const namedChanges = 12

// takeProcedures splits what changed into procedures and the rest.
func takeProcedures(items []store.Item) (rest, procedures []store.Item) {
	for _, it := range items {
		if it.Type == store.ProcedureItem {
			procedures = append(procedures, it)
		} else {
			rest = append(rest, it)
		}
	}
	return rest, procedures
}

// sumOf names a set of versions, so that what somebody saves after the page was
// read is not slipped in unseen.
func sumOf(items []store.Item) string {
	var all []byte
	for _, it := range items {
		all = fmt.Appendf(all, "%s %d %s\n", it.ID, it.Version, it.State)
	}
	return slides.Sum(all)[:24]
}

func (q *request) proceduresChange(rows []store.Item) (change, error) {
	c := change{Ref: proceduresTick + "::" + sumOf(rows), Rows: &catalogueChange{}}
	c.Title, c.Link, c.Type, c.Unit = q.words.say(q.lang, "nav.procedures"), "/studio/procedures?state=edited", store.ProcedureItem, rows[0].Unit
	for _, it := range rows {
		switch {
		case it.State == store.Removing:
			c.Rows.Removed++
		case it.Live == 0:
			c.Rows.New++
			c.Link = "/studio/procedures?state=draft"
		default:
			c.Rows.Changed++
		}
		if len(c.Rows.Names) == namedChanges {
			c.Rows.More++
			continue
		}
		row, err := q.Store.Procedure(q.r.Context(), it.ID)
		if err != nil {
			return c, err
		}
		c.Rows.Names = append(c.Rows.Names, row.Procedure.Code+" "+row.Procedure.Name.In(q.lang))
	}
	if c.Rows.Changed > 0 {
		c.Link = "/studio/procedures?state=edited"
	}
	return c, nil
}
