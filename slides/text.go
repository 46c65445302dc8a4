package slides

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is one citizen-facing text in every language it has: BCP-47 tag to
// string. "vi" is required wherever a text is required; a missing language
// falls back to "vi", never to a machine translation. Values are NFC.
type Text map[string]string

// Vi makes a Text that has only Vietnamese.
func Vi(s string) Text { return Text{"vi": s} }

// In returns the text in lang, else in its base language ("en-US" to "en"),
// else in Vietnamese, else "".
func (t Text) In(lang string) string {
	for lang != "" {
		if s, ok := t[lang]; ok && s != "" {
			return s
		}
		i := strings.LastIndexByte(lang, '-')
		if i < 0 {
			break
		}
		lang = lang[:i]
	}
	return t["vi"]
}

// Empty says whether the text has no Vietnamese.
func (t Text) Empty() bool { return strings.TrimSpace(t["vi"]) == "" }

// Languages lists the tags in byte order.
func (t Text) Languages() []string {
	out := make([]string, 0, len(t))
	for l := range t {
		out = append(out, l)
	}
	sort.Strings(out)
	return out
}

// Clean brings s to the stored form: NFC, "\r\n" and "\r" to "\n", tabs and
// no-break spaces to spaces, other control and format characters dropped (zero
// width joiners and byte order marks among them), trailing blanks of lines and
// outer blank space trimmed. It never fails: what it drops can't be seen.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\u00a0', r == '\u202f', r == '\u2007':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r),
			r == '\u2028', r == '\u2029', r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = norm.NFC.String(s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// CleanText cleans every value and drops the languages left empty.
func CleanText(t Text) Text {
	out := Text{}
	for l, s := range t {
		if s = Clean(s); s != "" {
			out[l] = s
		}
	}
	return out
}

// Check reports what is wrong with t at path: a required text without
// Vietnamese, a value over maxRunes, one that is not in stored form, or an
// unreadable language tag.
func (t Text) Check(p *Problems, path string, required bool, maxRunes int) {
	if required && t.Empty() {
		p.Add(path, "Thiếu nội dung tiếng Việt.", "The Vietnamese text is missing.")
	}
	for _, l := range t.Languages() {
		s := t[l]
		if !validTag(l) {
			p.Add(path, fmt.Sprintf("Mã ngôn ngữ %q không hợp lệ; dùng mã như vi, en.", l),
				fmt.Sprintf("%q is not a language tag; use one like vi, en.", l))
			continue
		}
		if n := utf8.RuneCountInString(s); n > maxRunes {
			p.Add(path+"."+l, fmt.Sprintf("Nội dung dài %d ký tự, tối đa %d; hãy rút gọn.", n, maxRunes),
				fmt.Sprintf("The text has %d characters, at most %d fit; shorten it.", n, maxRunes))
		}
		if Clean(s) != s {
			p.Add(path+"."+l, "Nội dung chưa ở dạng chuẩn (NFC, không ký tự điều khiển).",
				"The text is not in stored form (NFC, no control characters).")
		}
	}
}

func validTag(l string) bool {
	if l == "" || len(l) > 35 {
		return false
	}
	for i, part := range strings.Split(l, "-") {
		if len(part) < 2 || len(part) > 8 || i == 0 && len(part) > 3 {
			return false
		}
		for _, r := range part {
			if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
				return false
			}
		}
	}
	return true
}

// Fold is the form that searches compare: NFD, marks dropped, đ to d, lower
// case, anything but letters and digits to one blank.
func Fold(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'đ' || r == 'Đ':
			r = 'd'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			blank = true
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
