package studio

import (
	"context"
	"regexp"
	"strings"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

// The walk over rights takes the emergencies in: each is a unit's.
func init() {
	objects = regexp.MustCompile(objects.String() + `|^/studio/emergencies/\{id\}`)
	lists = append(lists, "/studio/emergencies", "/studio/plays", "/studio/plays/export", "/studio/calendar/export")
}

// urgent puts a unit's emergency into a route's path.
func (o *office) urgent(unit, path string) string {
	if !strings.HasPrefix(path, "/studio/emergencies/{id}") {
		return path
	}
	o.t.Helper()
	e, err := o.store.AskEmergency(context.Background(), store.Actor{User: "u-khac"}, store.Emergency{
		Unit: unit, Text: slides.Vi("Khẩn"), Where: compile.Where{Units: []string{unit}}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh",
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Replace(path, "{id}", e.ID, 1)
}
