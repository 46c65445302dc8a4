package options

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"motcua/slides"
)

func TestFlagBeatsVariableBeatsDefault(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  string
		want int
	}{
		{nil, "", 5},
		{nil, "7", 7},
		{[]string{"-n", "9"}, "7", 9},
		{[]string{"-n", "5"}, "7", 5},
	} {
		fs := flag.NewFlagSet("x", flag.ContinueOnError)
		n := fs.Int("n", 5, "a number")
		env := func(k string) string {
			if k == "P_N" {
				return c.env
			}
			return ""
		}
		if err := Parse(fs, "P_", c.args, env, io.Discard); err != nil || *n != c.want {
			t.Errorf("%v %q: %d, %v; want %d", c.args, c.env, *n, err, c.want)
		}
	}
}

func TestBadValuesAreNamed(t *testing.T) {
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	fs.Duration("max-wait", 0, "a duration such as 10s")
	err := Parse(fs, "P_", nil, func(string) string { return "soon" }, io.Discard)
	if slides.KindOf(err) != slides.Invalid || !strings.Contains(slides.Sentence(err, "en"), `P_MAX_WAIT="soon"`) {
		t.Errorf("%v", err)
	}
	if err := Parse(fs, "P_", []string{"-no"}, func(string) string { return "" }, io.Discard); slides.KindOf(err) != slides.Invalid {
		t.Errorf("%v", err)
	}
	var out strings.Builder
	if err := Parse(fs, "P_", []string{"-h"}, func(string) string { return "" }, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "P_MAX_WAIT") {
		t.Errorf("%v %q", err, out.String())
	}
}
