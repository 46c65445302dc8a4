package kinds

import (
	"fmt"
	"reflect"
)

var qrType = reflect.TypeFor[QR]()

// QRAt is the code of a body that stands at path ("body.qr", "body.links.1"):
// what a touch on "qr:"+path of its scene means. nil: there is none.
func QRAt(b Body, path string) (q *QR) {
	if b == nil || reflect.ValueOf(b).IsNil() {
		return nil
	}
	var seek func(v reflect.Value, at string)
	seek = func(v reflect.Value, at string) {
		switch {
		case q != nil:
		case v.Kind() == reflect.Pointer && !v.IsNil():
			seek(v.Elem(), at)
		case v.Type() == qrType:
			if at == path {
				q = v.Addr().Interface().(*QR)
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				seek(v.Field(i), at+"."+jsonName(v.Type().Field(i)))
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				seek(v.Index(i), fmt.Sprintf("%s.%d", at, i))
			}
		}
	}
	seek(reflect.ValueOf(b), "body")
	return q
}
