package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"motcua/slides"
)

// decode reads a body that is one JSON object into v; nothing at all is an empty
// object. at is where the object stands in the whole body, for the paths of
// problems: "content.body.". Kind Invalid: no JSON, a field that is not known or
// of another type.
func decode(b []byte, v any, at string) error {
	const op = "api.decode"
	if b = bytes.Trim(b, " \t\r\n"); len(b) == 0 {
		b = []byte("{}")
	}
	if b[0] != '{' {
		return slides.E(slides.Invalid, op, "Nội dung phải là một đối tượng JSON.", "The body must be one JSON object.", nil)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, after := d.Token(); after != io.EOF {
			return slides.E(slides.Invalid, op, "Sau đối tượng JSON còn có nội dung khác.", "Something follows the JSON object.", nil)
		}
		return nil
	}
	var p slides.Problems
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		p.Add(strings.TrimSuffix(at+t.Field, "."), fmt.Sprintf("Trường này không nhận kiểu %s.", t.Value), fmt.Sprintf("This field takes no %s.", t.Value))
		return p.Err(op)
	}
	if name, ok := unknownField(err); ok {
		p.Add(at+name, fmt.Sprintf("Không có trường %q.", name), fmt.Sprintf("There is no field %q.", name))
		return p.Err(op)
	}
	return slides.E(slides.Invalid, op, "Nội dung không phải là JSON đúng.", "The body is not valid JSON.", err)
}

// unknownField reads the name out of encoding/json's error, which has no type
// of its own (golang.org/issue/29035).
func unknownField(err error) (string, bool) {
	rest, ok := strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(rest, `"`), ok
}
