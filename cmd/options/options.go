// Package options reads a command's flags, each of which is also an
// environment variable: flag beats variable beats default.
package options

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"motcua/slides"
)

// Variable is the environment variable of a flag: prefix, then the name in
// upper case with '-' as '_'.
func Variable(prefix, name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Parse fills fs from args and, for flags not given there, from the
// environment. A bad value is an error of kind Invalid that names the key, the
// value and the remedy; flag.ErrHelp comes back as it is after the usage was
// written to out.
func Parse(fs *flag.FlagSet, prefix string, args []string, getenv func(string) string, out io.Writer) error {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			Usage(fs, prefix, out)
			return err
		}
		return slides.E(slides.Invalid, "options", fmt.Sprintf("Tham số không đúng (%v); xem: %s -h", err, fs.Name()),
			fmt.Sprintf("%v; see: %s -h", err, fs.Name()), nil)
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var first error
	fs.VisitAll(func(f *flag.Flag) {
		v := getenv(Variable(prefix, f.Name))
		if given[f.Name] || v == "" || first != nil {
			return
		}
		if err := fs.Set(f.Name, v); err != nil {
			first = slides.E(slides.Invalid, "options",
				fmt.Sprintf("Biến môi trường %s=%q không đúng: %s.", Variable(prefix, f.Name), v, f.Usage),
				fmt.Sprintf("The environment variable %s=%q is not valid: %s.", Variable(prefix, f.Name), v, f.Usage), err)
		}
	})
	return first
}

// Usage lists the flags with their variables and defaults.
func Usage(fs *flag.FlagSet, prefix string, out io.Writer) {
	fs.VisitAll(func(f *flag.Flag) {
		def := ""
		if f.DefValue != "" && f.DefValue != "false" {
			def = " (" + f.DefValue + ")"
		}
		fmt.Fprintf(out, "  -%-14s %s%s\n  %-15s %s\n", f.Name, f.Usage, def, "", Variable(prefix, f.Name))
	})
}
