package kinds

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/scene"
)

// codePattern is a procedure's code as the national base of procedures writes
// it, with the province's suffix where there is one.
var codePattern = regexp.MustCompile(`^\d\.\d{6}(\.H\d{2})?$`)

// Validate checks a slide and its body: what slides.Slide.Check says, the tags
// of the body, and the kind's own rules. The error is an *slides.Error whose
// Problems carry the path of every field to mend.
func Validate(s *slides.Slide) error {
	var p slides.Problems
	s.Check(&p)
	b, err := Parse(s)
	if err != nil {
		p.Add("body", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
	} else {
		CheckBody(b, &p)
	}
	return p.Err("kinds.Validate")
}

// CheckBody reports what is wrong with a body at paths below "body".
func CheckBody(b Body, p *slides.Problems) {
	checkFields(reflect.ValueOf(b).Elem(), "body", p)
	b.Check(p)
}

// CheckHosts reports QR addresses whose host is not one of hosts or below one.
func CheckHosts(b Body, hosts []string, p *slides.Problems) {
	walk(reflect.ValueOf(b).Elem(), "body", func(path string, v reflect.Value, tag reflect.StructTag) {
		if tag.Get("role") != "url" || v.String() == "" {
			return
		}
		if err := scene.AllowedURL(v.String(), hosts); err != nil {
			p.Add(path, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		}
	})
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func checkFields(v reflect.Value, path string, p *slides.Problems) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		checkField(v.Field(i), f, path+"."+jsonName(f), p)
	}
}

func checkField(v reflect.Value, f reflect.StructField, path string, p *slides.Problems) {
	required := f.Tag.Get("required") == "true"
	limit, err := strconv.Atoi(f.Tag.Get("max"))
	if err != nil {
		limit = 1000
	}
	switch {
	case v.Type() == textType:
		v.Interface().(slides.Text).Check(p, path, required, limit)
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			checkFields(v.Elem(), path, p)
		}
	case v.Kind() == reflect.Slice:
		if required && v.Len() == 0 {
			p.Add(path, "Cần ít nhất một mục.", "At least one is needed.")
		}
		if v.Len() > limit {
			p.Add(path, fmt.Sprintf("Có %d mục, tối đa %d; hãy tách thành nhiều trang.", v.Len(), limit), fmt.Sprintf("There are %d, at most %d; make several slides.", v.Len(), limit))
		}
		each, _ := strconv.Atoi(f.Tag.Get("each"))
		for i := range v.Len() {
			at := fmt.Sprintf("%s.%d", path, i)
			if t, ok := v.Index(i).Interface().(slides.Text); ok {
				t.Check(p, at, true, max(each, 1))
			} else {
				checkFields(v.Index(i), at, p)
			}
		}
	case v.Kind() == reflect.String:
		checkString(v.String(), f, path, required, limit, p)
	}
}

func checkString(s string, f reflect.StructField, path string, required bool, limit int, p *slides.Problems) {
	if s == "" {
		if required {
			p.Add(path, "Chưa điền mục này.", "This must be filled in.")
		}
		return
	}
	if n := utf8.RuneCountInString(s); n > limit {
		p.Add(path, fmt.Sprintf("Dài %d ký tự, tối đa %d.", n, limit), fmt.Sprintf("It has %d characters, at most %d fit.", n, limit))
		return
	}
	switch f.Tag.Get("role") {
	case "url":
		if err := scene.AllowedURL(s, nil); err != nil {
			p.Add(path, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		}
	case "date":
		if _, err := slides.LocalDate(s).Time(); err != nil {
			p.Add(path, "Ngày không hợp lệ; viết năm-tháng-ngày, ví dụ 2023-03-08.", "The date is not valid; write year-month-day, as in 2023-03-08.")
		}
	case "sha":
		if !slides.ValidSHA(s) {
			p.Add(path, "Mã ảnh không hợp lệ; hãy chọn lại ảnh.", "The picture's name is not a SHA-256; choose the picture again.")
		}
	case "film":
		if !slides.ValidSHA(s) {
			p.Add(path, "Mã video không hợp lệ; hãy chọn lại video.", "The film's name is not a SHA-256; choose the film again.")
		}
	case "code":
		if !codePattern.MatchString(s) {
			p.Add(path, "Mã thủ tục phải có dạng 1.014200 hoặc 1.014200.H37.", "The code must look like 1.014200 or 1.014200.H37.")
		}
	}
	if f.Tag.Get("enum") != "" {
		for _, o := range options(f.Tag.Get("enum")) {
			if o.Value == s {
				return
			}
		}
		p.Add(path, fmt.Sprintf("Giá trị %q không có trong danh sách.", s), fmt.Sprintf("%q is not one of the choices.", s))
	}
}
