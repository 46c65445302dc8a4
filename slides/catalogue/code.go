package catalogue

import (
	"fmt"
	"regexp"
	"strings"

	"motcua/slides"
)

var (
	storedCode = regexp.MustCompile(`^\d\.\d{6}(\.H\d{2})?$`)
	// Seen in published decisions: "2,002308" for 2.002308 (annex of
	// NQ 66.7/2025), "1.014.111" for 1.014111 (Cao Bằng). "1.01499" for
	// 1.014199 (Nghệ An) has lost a digit and can't be mended.
	writtenCode = regexp.MustCompile(`^(\d)[.,](\d{3})[.,]?(\d{3})(?:[.,]([Hh]\d{2}))?$`)
)

// ValidCode says whether s is a procedure's code in stored form: a digit, a
// dot, six digits and, for a province's own procedure, its code ("1.014199.H37").
func ValidCode(s string) bool { return storedCode.MatchString(s) }

// NormaliseCode brings a code as people and decisions write it to the stored
// form: commas for dots, a dot between the thousands, blanks around it, a small
// h. What has another length is refused: a lost digit can't be guessed, and a
// wrong code sends a citizen to another procedure.
func NormaliseCode(s string) (string, error) {
	m := writtenCode.FindStringSubmatch(strings.TrimSpace(slides.Clean(s)))
	if m == nil {
		return "", slides.E(slides.Invalid, "catalogue.NormaliseCode",
			fmt.Sprintf("Mã thủ tục %q không hợp lệ; mã có dạng 1.014200 (một chữ số, dấu chấm, sáu chữ số).", clip(s)),
			fmt.Sprintf("%q is not a procedure's code; a code looks like 1.014200 (a digit, a dot, six digits).", clip(s)), nil)
	}
	code := m[1] + "." + m[2] + m[3]
	if m[4] != "" {
		code += "." + strings.ToUpper(m[4])
	}
	return code, nil
}
