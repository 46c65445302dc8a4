package alert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// mostNamed bounds the kiosks that a mail names of each sort: a mail is read on
// a phone.
const mostNamed = 60

// news is what a mail is made of.
type news struct {
	lang   string
	after  int
	public string
	kiosks map[string]*store.KioskStatus
}

func (n news) say(vi, en string, args ...any) string {
	if n.lang == "en" {
		vi = en
	}
	return fmt.Sprintf(vi, args...)
}

func (n news) name(i store.Incident) string {
	if k := n.kiosks[i.Kiosk]; k != nil {
		return k.Name
	}
	return i.Kiosk
}

func (n news) when(i store.Incident, at slides.Millis) string {
	if at == 0 {
		return n.say("chưa từng kết nối", "never")
	}
	t := at.Time()
	if k := n.kiosks[i.Kiosk]; k != nil && k.Zone != nil {
		t = t.In(k.Zone)
	}
	if n.lang == "en" {
		return t.Format("15:04, 2 Jan 2006")
	}
	return t.Format("15:04 ngày 2/1/2006")
}

// compose is the mail that tells of them.
func (n news) compose(opened, closed []store.Incident) (subject, body string) {
	var parts []string
	what := func(list []store.Incident, one, some string) {
		switch len(list) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf(one, n.name(list[0])))
		default:
			parts = append(parts, fmt.Sprintf(some, len(list)))
		}
	}
	what(opened, n.say("%%s mất kết nối", "%%s is offline"), n.say("%%d ki-ốt mất kết nối", "%%d kiosks are offline"))
	what(closed, n.say("%%s đã kết nối lại", "%%s is back"), n.say("%%d ki-ốt đã kết nối lại", "%%d kiosks are back"))
	subject = "[Một Cửa] " + strings.Join(parts, ", ")

	var b strings.Builder
	section := func(list []store.Incident, head string, line func(store.Incident) string) {
		if len(list) == 0 {
			return
		}
		b.WriteString(head + "\n\n")
		list = slices.Clone(list)
		slices.SortFunc(list, func(x, y store.Incident) int {
			return cmp.Or(strings.Compare(n.name(x), n.name(y)), strings.Compare(x.Kiosk, y.Kiosk))
		})
		for _, i := range list[:min(len(list), mostNamed)] {
			unit := ""
			if k := n.kiosks[i.Kiosk]; k != nil {
				unit = " (" + k.UnitName.In(n.lang) + ")"
			}
			b.WriteString("– " + n.name(i) + unit + ": " + line(i) + "\n")
		}
		if more := len(list) - mostNamed; more > 0 {
			b.WriteString(n.say("… và %d ki-ốt khác", "… and %d more", more) + "\n")
		}
		b.WriteString("\n")
	}
	section(opened, n.say("Mất kết nối hơn %d phút trong giờ làm việc:", "Offline for more than %d minutes of their opening hours:", n.after), func(i store.Incident) string {
		return n.say("thấy lần cuối %s", "last seen %s", n.when(i, i.Since))
	})
	section(closed, n.say("Đã kết nối lại:", "Back again:"), func(i store.Incident) string {
		return n.say("báo mất lúc %s, thấy lại lúc %s (sau %s)", "told offline at %s, seen at %s (after %s)", n.when(i, i.Opened), n.when(i, i.Closed), n.span(i.Closed-i.Opened))
	})
	if n.public != "" {
		b.WriteString(n.say("Xem danh sách: ", "See the list: ") + n.public + "/studio/kiosks?sort=state\n\n")
	}
	b.WriteString(n.say("Thư tự động của Một Cửa. Người nhận và số phút đặt ở trang Ki-ốt, mục Cảnh báo qua thư.", "Sent by Một Cửa. Who gets it and after how long is set at Kiosks, Alerts by mail.") + "\n")
	return subject, b.String()
}

func (n news) span(d slides.Millis) string {
	t := time.Duration(d) * time.Millisecond
	if t < time.Hour {
		return n.say("%d phút", "%d min", int(t.Minutes()))
	}
	return n.say("%d giờ %d phút", "%d h %d min", int(t.Hours()), int(t.Minutes())%60)
}
