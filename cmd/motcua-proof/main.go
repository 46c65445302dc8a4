// Command motcua-proof proves the promises: fleet simulator, benchmarks and
// faults. It is the one program that may import both sides.
//
//	motcua-proof bench  [-server FILE] [-kiosk FILE] [-short] [-only NAME,…]
//	motcua-proof faults [-server FILE] [-kiosk FILE] [-short] [-only NAME,…]
//	motcua-proof bench-chromium -kiosk FILE [-short] [-only NAME,…]
//
// Both print a table under a line that names the machine. bench says "meets" or
// "misses" and does not fail; faults fails when a count is wrong. Everything
// runs on loopback, on free ports, in temporary folders that are removed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // zones are names

	"motcua/slides"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "motcua-proof:", err)
		os.Exit(1)
	}
}

// roles are the parts that this program starts itself as: they must be
// processes of their own to be killed, or to have open files of their own.
var roles = map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) error{
	"rater": raterRole, "serve": serveRole, "broadcast": broadcastRole, "small": smallRole,
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	usage := slides.E(slides.Invalid, "motcua-proof", "Cách dùng: motcua-proof bench|faults|bench-chromium [-server FILE] [-kiosk FILE] [-short] [-only NAME]",
		"Usage: motcua-proof bench|faults|bench-chromium [-server FILE] [-kiosk FILE] [-short] [-only NAME]", nil)
	if len(args) == 0 {
		return usage
	}
	if role, ok := roles[args[0]]; ok {
		return role(ctx, args[1:], stdout, stderr)
	}
	rows := map[string][]row{"bench": benchRows, "faults": faultRows, "bench-chromium": chromiumRows}[args[0]]
	if rows == nil {
		return usage
	}
	p, only, err := newProof(args, stdout, stderr)
	if err != nil {
		return err
	}
	defer p.close()
	return p.table(ctx, args[0], rows, only)
}

// row is one line of a table: what is promised, and how it is measured.
type row struct {
	name string
	does func(ctx context.Context, p *proof) ([]line, error)
}

// line is one measured thing.
type line struct {
	promise  string
	measured string
	limit    string // the limit or ratio, and "meets" or "misses" where there is a promise
	wrong    bool   // a count that must not be: faults fails
}

// proof is one run of the program. Static after newProof but for what it says.
type proof struct {
	server, kiosk string // programs; server "": this program's own, without the studio
	short         bool
	ratings       int // of the statistics row; 0: as short says
	dir           string
	out, log      io.Writer
	notes         []string // owned by the row that runs
}

func newProof(args []string, stdout, stderr io.Writer) (*proof, []string, error) {
	p := &proof{out: stdout, log: stderr}
	fs := flag.NewFlagSet("motcua-proof "+args[0], flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&p.server, "server", "", "the server program; without it rows that need the studio are left out")
	fs.StringVar(&p.kiosk, "kiosk", "", "the kiosk program; without it rows that need a screen are left out")
	fs.BoolVar(&p.short, "short", false, "the quick version")
	fs.IntVar(&p.ratings, "ratings", 0, "how many ratings the statistics page is measured over")
	only := fs.String("only", "", "names of rows, comma-separated")
	if err := fs.Parse(args[1:]); err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "motcua-proof-")
	if err != nil {
		return nil, nil, err
	}
	p.dir = dir
	var names []string
	if *only != "" {
		names = strings.Split(*only, ",")
	}
	return p, names, nil
}

func (p *proof) close() {
	if err := os.RemoveAll(p.dir); err != nil {
		fmt.Fprintln(p.log, "motcua-proof:", err)
	}
}

// folder makes a folder for one row.
func (p *proof) folder(name string) (string, error) {
	return os.MkdirTemp(p.dir, name+"-")
}

// note keeps a sentence that a row's figures can't be read without.
func (p *proof) note(format string, a ...any) { p.notes = append(p.notes, fmt.Sprintf(format, a...)) }

// once is note for a sentence that several rows share.
func (p *proof) once(text string) {
	if !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

func (p *proof) say(format string, a ...any) { fmt.Fprintf(p.log, format+"\n", a...) }
