// Command motcua is the server of Một Cửa and its tools.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	// Zones are names; a board's or container's system may lack the data.
	_ "time/tzdata"

	"motcua/cmd/options"
	"motcua/slides"
)

// env is the prefix of the environment variables.
const env = "MOTCUA_"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exit(err, os.Stderr))
}

// exit says err once, in Vietnamese and English, and gives the exit status: 0
// done, 1 failed, 2 called wrongly, 3 verified and found wanting.
func exit(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp), errors.Is(err, context.Canceled):
		return 0
	case err == errUnsound: // the reports have said why
		return 3
	}
	if e, ok := errors.AsType[*slides.Error](err); ok {
		fmt.Fprintf(stderr, "motcua: %s\n        %s\n", e.Vi, e.En)
		if e.Cause != nil {
			fmt.Fprintf(stderr, "        (%v)\n", e.Cause)
		}
		if errors.Is(err, errUnsound) {
			return 3
		}
		if e.Kind == slides.Invalid {
			return 2
		}
		return 1
	}
	fmt.Fprintf(stderr, "motcua: %v\n", err)
	return 1
}

// command is one word of the command line.
type command struct {
	name, args string
	vi, en     string
	flags      func(*flag.FlagSet) func(ctx context.Context, rest []string, stdout, stderr io.Writer) error
}

func commands() []command {
	return []command{serveCommand, demoCommand, starterCommand, userCommand, tokenCommand, exportCommand, verifyCommand, backupCommand, restoreCommand}
}

// run is the whole program but for the process around it: a test calls it with
// its own arguments and output.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return help(args, stdout)
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		fs := flag.NewFlagSet("motcua "+c.name, flag.ContinueOnError)
		do := c.flags(fs)
		if err := options.Parse(fs, env, args[1:], os.Getenv, stdout); err != nil {
			return err
		}
		for _, name := range []string{"addr", "data"} {
			if f := fs.Lookup(name); f != nil && f.Value.String() == "" {
				return slides.E(slides.Invalid, "motcua", fmt.Sprintf("-%s trống; bỏ tham số này để dùng %s, hoặc ghi một giá trị.", name, f.DefValue),
					fmt.Sprintf("-%s is empty; leave it out for %s, or give a value.", name, f.DefValue), nil)
			}
		}
		return do(ctx, fs.Args(), stdout, stderr)
	}
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return slides.E(slides.Invalid, "motcua", fmt.Sprintf("Không có lệnh %q; các lệnh: %s, help.", args[0], strings.Join(names, ", ")),
		fmt.Sprintf("There is no command %q; the commands: %s, help.", args[0], strings.Join(names, ", ")), nil)
}

func help(args []string, out io.Writer) error {
	fmt.Fprint(out, "Một Cửa – máy chủ của màn hình bộ phận một cửa / the server of one-stop desk screens\n\n")
	for _, c := range commands() {
		if len(args) > 1 && args[1] != c.name {
			continue
		}
		fmt.Fprintf(out, "motcua %s %s\n  %s\n  %s\n", c.name, c.args, c.vi, c.en)
		fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.flags(fs)
		options.Usage(fs, env, out)
		fmt.Fprintln(out)
	}
	return nil
}

// needArgs complains unless there are exactly n arguments.
func needArgs(rest []string, n int, usage string) error {
	if len(rest) == n {
		return nil
	}
	return slides.E(slides.Invalid, "motcua", "Cách dùng: "+usage, "Usage: "+usage, nil)
}
