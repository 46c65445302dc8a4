package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// skipped leaves a row out; its text says why.
type skipped string

func (s skipped) Error() string { return string(s) }

// table runs the rows in order and prints each as it ends: a run that is cut
// short has shown what it knew.
func (p *proof) table(ctx context.Context, title string, rows []row, only []string) error {
	for _, n := range only {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.name == n }) {
			var names []string
			for _, r := range rows {
				names = append(names, r.name)
			}
			return fmt.Errorf("there is no row %q; the rows: %s", n, strings.Join(names, ", "))
		}
	}
	fmt.Fprintf(p.out, "Một Cửa %s · %s\n%s\n\n", title, time.Now().Format("2006-01-02 15:04 MST"), machine())
	p.print("promise", "measured", "limit / ratio")
	fmt.Fprintln(p.out, strings.Repeat("─", columns[0]+columns[1]+columns[2]+4))
	bad, failed := 0, 0
	for _, r := range rows {
		if len(only) > 0 && !slices.Contains(only, r.name) {
			continue
		}
		started := time.Now()
		before := loadAverage()
		lines, err := r.does(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, l := range lines {
			if l.wrong {
				bad++
				l.limit = "WRONG " + l.limit
			}
			p.print(l.promise, l.measured, l.limit)
		}
		var s skipped
		switch {
		case errors.As(err, &s):
			p.print(r.name, "left out: "+string(s), "")
		case err != nil:
			failed++
			p.print(r.name, "could not be measured: "+err.Error(), "")
		}
		p.say("%s took %v; load average %s before, %s after", r.name, time.Since(started).Round(time.Second), before, loadAverage())
	}
	if len(p.notes) > 0 {
		fmt.Fprintln(p.out, "\nNotes")
		for _, n := range p.notes {
			fmt.Fprintln(p.out, " ·", n)
		}
	}
	switch {
	case bad > 0:
		return fmt.Errorf("%d counts are wrong", bad)
	case failed > 0:
		return fmt.Errorf("%d rows could not be measured", failed)
	}
	return nil
}

// The columns' widths, in characters.
var columns = [3]int{44, 66, 54}

// print writes one row; a cell that is too long goes on below.
func (p *proof) print(a, b, c string) {
	cells := [3][]string{wrap(a, columns[0]), wrap(b, columns[1]), wrap(c, columns[2])}
	for i := range max(len(cells[0]), len(cells[1]), len(cells[2])) {
		var l strings.Builder
		for k, cell := range cells {
			s := ""
			if i < len(cell) {
				s = cell[i]
			}
			l.WriteString(s)
			l.WriteString(strings.Repeat(" ", max(2, columns[k]+2-utf8.RuneCountInString(s))))
		}
		fmt.Fprintln(p.out, strings.TrimRight(l.String(), " "))
	}
}

// wrap breaks text into lines of at most width characters, where it can.
func wrap(s string, width int) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		n := len(out)
		if n > 0 && utf8.RuneCountInString(out[n-1])+1+utf8.RuneCountInString(w) <= width {
			out[n-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

// verdict says whether a promise is met.
func verdict(ok bool, promise string) string {
	if ok {
		return promise + ": meets"
	}
	return promise + ": misses"
}

// times are measured durations.
type times []time.Duration

// at is the q-quantile (0 to 1) by nearest rank; 0 for none.
func (t times) at(q float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	s := slices.Clone(t)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func (t times) String() string {
	return fmt.Sprintf("p50 %s, p99 %s, last %s", ms(t.at(0.5)), ms(t.at(0.99)), ms(t.at(1)))
}

// ms writes a duration with three figures.
func ms(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}

func kib(bytes float64) string { return fmt.Sprintf("%.1f KiB", bytes/1024) }

func mib(bytes float64) string { return fmt.Sprintf("%.0f MiB", bytes/(1<<20)) }
