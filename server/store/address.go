package store

import (
	"net/url"
	"strings"
)

// Shown is a web address as those may read it who need not know its secrets:
// name, password and the values of its query, in which feeds and webhooks carry
// tokens, are dots. It is for lists, audit and log; what does not parse is dots
// throughout.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "…"
	}
	if u.User != nil {
		u.User = url.User("…")
	}
	var parts []string
	for p := range strings.SplitSeq(u.RawQuery, "&") {
		if key, _, ok := strings.Cut(p, "="); ok {
			parts = append(parts, key+"=…")
		} else if p != "" {
			parts = append(parts, "…")
		}
	}
	query := strings.Join(parts, "&")
	u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
	s := strings.ReplaceAll(u.String(), url.User("…").String(), "…")
	if query != "" {
		s += "?" + query
	}
	return s
}
