package slides

import "strings"

// Typed is what a person meant by a text that was typed or pasted, from Word and
// web pages above all, in the stored form (see Clean): breaks that are no line
// feeds (Word's Shift+Enter, Unicode's separators) become line feeds, every kind
// of space a space, and the private bullets of Symbol and Wingdings a bullet.
func Typed(s string) string {
	return Clean(strings.Map(func(r rune) rune {
		switch {
		case r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case r >= '\u2000' && r <= '\u200a', r == '\u205f', r == '\u3000', r == '\u1680', r == '\u00a0', r == '\u202f':
			return ' '
		case r == '\uf0b7', r == '\uf0a7', r == '\uf0d8', r == '\uf076', r == '\uf0fc', r == '\uf0e8':
			return '•'
		case r == '\uf02d':
			return '-'
		case r == '\u2011', r == '\u2010': // the font has the plain one
			return '-'
		}
		return r
	}, s))
}

// TypedText is Typed for every language; those left empty are dropped.
func TypedText(t Text) Text {
	out := Text{}
	for l, s := range t {
		if s = Typed(s); s != "" {
			out[l] = s
		}
	}
	return out
}
