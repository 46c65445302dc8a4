package kinds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"motcua/slides"
)

// Parse reads a slide's body by its kind: types are strict, unknown fields are
// ignored, every text comes back cleaned (slides.Clean). It does not check
// what Validate checks. The error names the field where a type is wrong.
func Parse(s *slides.Slide) (Body, error) {
	const op = "kinds.Parse"
	k, ok := Find(s.Kind)
	if !ok {
		return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Không có loại trang %q.", s.Kind), fmt.Sprintf("There is no kind of slide %q.", s.Kind), nil)
	}
	if len(s.Body) > slides.MaxBody {
		return nil, slides.E(slides.TooLarge, op, "Nội dung trang quá lớn (tối đa 64 KiB).", "The slide's body is too large (64 KiB at most).", nil)
	}
	if b := bytes.TrimSpace(s.Body); len(b) == 0 || b[0] != '{' {
		return nil, slides.E(slides.Invalid, op, "Trang chưa có nội dung.", "The slide has no content.", nil)
	}
	body := k.New()
	if err := json.Unmarshal(s.Body, body); err != nil {
		vi, en := "Không đọc được nội dung trang.", "The slide's body can't be read."
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			vi = fmt.Sprintf("Trường body.%s sai kiểu dữ liệu (%s).", t.Field, t.Value)
			en = fmt.Sprintf("The field body.%s is of the wrong type (%s).", t.Field, t.Value)
		}
		return nil, slides.E(slides.Invalid, op, vi, en, err)
	}
	clean(reflect.ValueOf(body).Elem())
	return body, nil
}

// ParseBytes reads a slide blob with its body.
func ParseBytes(b []byte) (*slides.Slide, Body, error) {
	s, err := slides.ParseSlide(b)
	if err != nil {
		return nil, nil, err
	}
	body, err := Parse(s)
	return s, body, err
}

var textType = reflect.TypeFor[slides.Text]()

// clean brings every text and string below v to the stored form.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.Map:
		if v.Type() == textType && !v.IsNil() {
			v.Set(reflect.ValueOf(slides.CleanText(v.Interface().(slides.Text))))
		}
	case reflect.String:
		v.SetString(slides.Clean(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	}
}

// Texts lists every citizen-facing text of a slide's body by its path
// ("body.steps.2.title"), in the body's order.
func Texts(b Body) []PathText {
	var out []PathText
	walk(reflect.ValueOf(b).Elem(), "body", func(path string, v reflect.Value, _ reflect.StructTag) {
		if v.Type() == textType && v.Len() > 0 {
			out = append(out, PathText{path, v.Interface().(slides.Text)})
		}
	})
	return out
}

// PathText is a text and where it stands.
type PathText struct {
	Path string
	Text slides.Text
}

// Blobs lists the pictures and films that a body needs, by SHA-256.
func Blobs(b Body) []string {
	var out []string
	for _, u := range BlobUses(b) {
		out = append(out, u.SHA)
	}
	return out
}

// BlobUse is a picture or a film and where a body has it.
type BlobUse struct {
	Path, SHA string
	Film      bool
}

// Fits says whether a stored file of a type can stand there.
func (u BlobUse) Fits(mime string) bool {
	if u.Film {
		return mime == "video/mp4" || mime == "video/webm"
	}
	return IsPicture(mime)
}

// IsPicture says whether a type is one of pictures that screens draw.
func IsPicture(mime string) bool { return mime == "image/png" || mime == "image/jpeg" }

// BlobUses lists the pictures and films of a body by path, in the body's order.
func BlobUses(b Body) []BlobUse {
	var out []BlobUse
	walk(reflect.ValueOf(b).Elem(), "body", func(path string, v reflect.Value, tag reflect.StructTag) {
		role := tag.Get("role")
		if (role == "sha" || role == "film") && v.Kind() == reflect.String && v.String() != "" {
			out = append(out, BlobUse{path, v.String(), role == "film"})
		}
	})
	return out
}

// SlideBlobs lists the pictures and films that a slide needs; none if it can't be read.
func SlideBlobs(s *slides.Slide) []string {
	b, err := Parse(s)
	if err != nil {
		return nil
	}
	return Blobs(b)
}

// URLs lists the addresses of a body's QR codes and where they stand.
func URLs(b Body) map[string]string {
	out := map[string]string{}
	walk(reflect.ValueOf(b).Elem(), "body", func(path string, v reflect.Value, tag reflect.StructTag) {
		if tag.Get("role") == "url" && v.String() != "" {
			out[path] = v.String()
		}
	})
	return out
}

// walk visits every leaf (text, string, number, yes or no) with its path and
// the tag of its field.
func walk(v reflect.Value, path string, visit func(string, reflect.Value, reflect.StructTag)) {
	walkTagged(v, path, "", visit)
}

func walkTagged(v reflect.Value, path string, tag reflect.StructTag, visit func(string, reflect.Value, reflect.StructTag)) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			walkTagged(v.Elem(), path, tag, visit)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			walkTagged(v.Index(i), fmt.Sprintf("%s.%d", path, i), tag, visit)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			walkTagged(v.Field(i), path+"."+jsonName(f), f.Tag, visit)
		}
	default:
		visit(path, v, tag)
	}
}
