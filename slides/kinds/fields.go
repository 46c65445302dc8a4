package kinds

import (
	"reflect"
	"strconv"
	"strings"

	"motcua/slides"
)

// FieldType says what a form shows for a field.
type FieldType string

// The types of field.
const (
	FieldText    FieldType = "text"    // one text in each language
	FieldString  FieldType = "string"  // a string without language
	FieldURL     FieldType = "url"     // a QR's address
	FieldDate    FieldType = "date"    // slides.LocalDate
	FieldBool    FieldType = "bool"    // yes or no
	FieldInt     FieldType = "int"     // a whole number
	FieldNumber  FieldType = "number"  // a number; may be left out where it is optional
	FieldChoice  FieldType = "choice"  // one of Options
	FieldPicture FieldType = "picture" // SHA-256 of an image
	FieldFilm    FieldType = "film"    // SHA-256 of a film
	FieldGroup   FieldType = "group"   // a part with Fields; optional where not Required
	FieldList    FieldType = "list"    // items, each with Fields, or texts where Fields has one without a name
)

// Option is one choice.
type Option struct {
	Value string
	Label slides.Text
}

// Field describes one field of a kind's body, for forms.
type Field struct {
	Name     string // in JSON; "" for the texts of a list of texts
	Path     string // from the slide: "body.steps.*.title"
	Label    slides.Text
	Type     FieldType
	Required bool
	Long     bool // several lines; an author's line breaks are kept
	Max      int  // runes, or items of a list; 0: none
	Options  []Option
	Fields   []Field
}

// Fields describes the body of a kind in its order; none for an unknown kind.
func Fields(kind string) []Field {
	k, ok := Find(kind)
	if !ok {
		return nil
	}
	return fieldsOf(reflect.TypeOf(k.New()).Elem(), "body")
}

func fieldsOf(t reflect.Type, path string) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		d := Field{Name: jsonName(f), Path: path + "." + jsonName(f), Label: label(f.Tag.Get("label")), Required: f.Tag.Get("required") == "true", Long: f.Tag.Get("role") == "text"}
		d.Max, _ = strconv.Atoi(f.Tag.Get("max"))
		ft := f.Type
		switch {
		case ft == textType:
			d.Type = FieldText
		case ft.Kind() == reflect.Pointer && ft.Elem().Kind() == reflect.Struct:
			d.Type, d.Fields = FieldGroup, fieldsOf(ft.Elem(), d.Path)
		case ft.Kind() == reflect.Slice && ft.Elem() == textType:
			each, _ := strconv.Atoi(f.Tag.Get("each"))
			d.Type, d.Fields = FieldList, []Field{{Path: d.Path + ".*", Label: d.Label, Type: FieldText, Required: true, Long: d.Long, Max: each}}
		case ft.Kind() == reflect.Slice:
			d.Type, d.Fields = FieldList, fieldsOf(ft.Elem(), d.Path+".*")
		case ft.Kind() == reflect.Bool:
			d.Type = FieldBool
		case ft.Kind() == reflect.Int:
			d.Type = FieldInt
		case ft.Kind() == reflect.Float64, ft.Kind() == reflect.Pointer:
			d.Type = FieldNumber
		case f.Tag.Get("enum") != "":
			d.Type, d.Options = FieldChoice, options(f.Tag.Get("enum"))
		default:
			d.Type = map[string]FieldType{"url": FieldURL, "date": FieldDate, "sha": FieldPicture, "film": FieldFilm}[f.Tag.Get("role")]
			if d.Type == "" {
				d.Type = FieldString
			}
		}
		out = append(out, d)
	}
	return out
}

// label reads "Tiêu đề|Title".
func label(s string) slides.Text {
	vi, en, ok := strings.Cut(s, "|")
	if !ok {
		return slides.Vi(vi)
	}
	return slides.Text{"vi": vi, "en": en}
}

// options reads "full=Toàn trình|Fully online;none=…".
func options(s string) []Option {
	var out []Option
	for o := range strings.SplitSeq(s, ";") {
		value, l, _ := strings.Cut(o, "=")
		out = append(out, Option{value, label(l)})
	}
	return out
}
