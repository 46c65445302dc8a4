package studio

import (
	"encoding/json"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// form is the form of a page that posts to action, filled in as a browser
// would send it; button is the name and value of what is pressed, "do=save".
func (a answer) form(action, button string) url.Values {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	var found *html.Node
	walk(doc, func(n *html.Node) {
		if n.Data == "form" && attr(n, "action") == action && found == nil {
			found = n
		}
	})
	if found == nil {
		a.t.Fatalf("%s: no form to %s\n%s", a.what, action, a.text())
	}
	v := url.Values{}
	walk(found, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" {
			return
		}
		switch n.Data {
		case "textarea":
			v.Add(name, strings.TrimPrefix(inner(n), "\n"))
		case "select":
			chosen, any := "", false
			walk(n, func(o *html.Node) {
				if o.Data == "option" && (!any || has(o, "selected")) {
					chosen, any = attr(o, "value"), true
				}
			})
			if any {
				v.Add(name, chosen)
			}
		case "input":
			switch attr(n, "type") {
			case "checkbox", "radio":
				if has(n, "checked") {
					v.Add(name, attr(n, "value"))
				}
			case "file":
			default:
				v.Add(name, attr(n, "value"))
			}
		}
	})
	if k, x, ok := strings.Cut(button, "="); ok {
		v.Set(k, x)
	}
	return v
}

func walk(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(c.Data)
	}
	return b.String()
}

// toJSON is x as JSON, to compare by.
func toJSON(t interface{ Fatal(...any) }, x any) string {
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
