package sheet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

func setText(t *slides.Text, lang, cell string) {
	next := slides.Text{}
	for l, s := range *t {
		next[l] = s
	}
	if next[lang] = cell; cell == "" {
		delete(next, lang)
	}
	if *t = next; len(next) == 0 {
		*t = nil
	}
}

func readCode(p *catalogue.Procedure, cell string) *Reason {
	code, err := catalogue.NormaliseCode(cell)
	if err == nil {
		p.Code = code
		return nil
	}
	r := &Reason{slides.Sentence(err, "vi"), slides.Sentence(err, "en")}
	if _, bad := strconv.ParseFloat(cell, 64); bad == nil {
		r.Vi += " Nếu ô là số, bảng tính đã bỏ số 0 ở cuối: hãy đổi ô thành dạng chữ (Text) và ghi lại mã."
		r.En += " If the cell is a number the spreadsheet has dropped its last zeros: make it a text and write the code again."
	}
	return r
}

// limit finds "10 ngày làm việc", "09–12 ngày", "10 (mười) ngày" in a cell.
var limit = regexp.MustCompile(`(?i)(\d{1,4})\s*(?:(?:-|–|—|đến)\s*(\d{1,4})\s*)?(?:\([^()]*\)\s*)?(ngày\s+làm\s+việc|ngày|giờ\s+làm\s+việc|giờ|working\s+days?|days?|working\s+hours?)`)

// boiler is what decisions put around a time limit that says nothing more.
var boiler = regexp.MustCompile(`^(khong qua|toi da|trong thoi han|trong|ke tu ngay|ke tu khi|nhan du|nhan duoc|ho so|hop le|day du|theo quy dinh|du|va| )*$`)

// readTime reads a time limit; note is the whole cell where it says more than
// the time. A cell without any time is all note.
func readTime(cell string) (from, to int, unit catalogue.TimeUnit, note string, r *Reason) {
	if cell == "" {
		return 0, 0, "", "", nil
	}
	at := limit.FindStringSubmatchIndex(cell)
	if at == nil {
		if _, err := strconv.Atoi(cell); err == nil {
			return 0, 0, "", "", &Reason{fmt.Sprintf("Thời hạn %q không rõ là ngày hay ngày làm việc.", short(cell)), fmt.Sprintf("%q does not say whether it is days or working days.", short(cell))}
		}
		return 0, 0, "", cell, nil
	}
	part := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return cell[at[2*i]:at[2*i+1]]
	}
	to, _ = strconv.Atoi(part(1))
	if more := part(2); more != "" {
		from = to
		to, _ = strconv.Atoi(more)
	}
	switch words := slides.Fold(part(3)); {
	case strings.HasPrefix(words, "gio"), strings.HasPrefix(words, "working hour"):
		unit = catalogue.Hour
	case words == "ngay lam viec", strings.HasPrefix(words, "working day"):
		unit = catalogue.Workday
	default:
		unit = catalogue.Day
	}
	if !boiler.MatchString(slides.Fold(cell[:at[0]] + " " + cell[at[1]:])) {
		note = cell
	}
	return from, to, unit, note, nil
}

func showLimit(p *catalogue.Procedure) string { return p.TimeText()["vi"] }

func readLimit(p *catalogue.Procedure, cell string) *Reason {
	from, to, unit, note, r := readTime(cell)
	if r != nil {
		return r
	}
	p.TimeFrom, p.TimeLimit, p.TimeUnit = from, to, unit
	if note != "" {
		setText(&p.TimeNote, "vi", note)
	}
	return nil
}

func readCommitted(p *catalogue.Procedure, cell string) *Reason {
	_, to, unit, _, r := readTime(cell)
	if r == nil && cell != "" && to == 0 {
		r = &Reason{fmt.Sprintf("Không đọc được thời hạn cam kết %q; viết như 07 ngày làm việc.", short(cell)), fmt.Sprintf("The promised time %q can't be read; write it like 7 working days.", short(cell))}
	}
	if r != nil {
		return r
	}
	if p.Committed, p.CommittedUnit = to, unit; unit == p.TimeUnit {
		p.CommittedUnit = ""
	}
	return nil
}

var onlineWords = map[catalogue.Online]string{catalogue.Full: "Toàn trình", catalogue.Part: "Một phần", catalogue.None: "Chưa cung cấp"}

func showOnline(p *catalogue.Procedure) string { return onlineWords[p.Online] }

func readOnline(p *catalogue.Procedure, cell string) *Reason {
	switch f := slides.Fold(cell); {
	case f == "":
		p.Online = catalogue.Unknown
	case strings.Contains(f, "toan trinh"), f == "full", f == "fully online":
		p.Online = catalogue.Full
	case strings.Contains(f, "mot phan"), f == "part", f == "partly online":
		p.Online = catalogue.Part
	case strings.HasPrefix(f, "chua"), strings.HasPrefix(f, "khong"), f == "none", f == "not online", strings.HasPrefix(f, "truc tiep"):
		p.Online = catalogue.None
	default:
		return &Reason{
			fmt.Sprintf("Mức độ trực tuyến %q không rõ; ghi Toàn trình, Một phần hoặc Chưa cung cấp (mức độ 3, 4 là cách gọi trước năm 2022).", short(cell)),
			fmt.Sprintf("The online level %q is not clear; write Toàn trình, Một phần or Chưa cung cấp.", short(cell)),
		}
	}
	return nil
}

var levelWords = map[catalogue.Level]string{catalogue.Province: "Tỉnh", catalogue.District: "Huyện", catalogue.Commune: "Xã"}

func showLevel(p *catalogue.Procedure) string { return levelWords[p.Level] }

func readLevel(p *catalogue.Procedure, cell string) *Reason {
	switch f := strings.TrimPrefix(slides.Fold(cell), "cap "); f {
	case "":
		p.Level = ""
	case "tinh", "province", "thanh pho", "so":
		p.Level = catalogue.Province
	case "huyen", "district":
		p.Level = catalogue.District
	case "xa", "commune", "phuong", "xa phuong":
		p.Level = catalogue.Commune
	default:
		return &Reason{fmt.Sprintf("Cấp thực hiện %q không rõ; ghi Tỉnh, Huyện hoặc Xã.", short(cell)), fmt.Sprintf("The level %q is not clear; write Tỉnh, Huyện or Xã.", short(cell))}
	}
	return nil
}

func readSets(p *catalogue.Procedure, cell string) *Reason {
	if p.Sets = 0; cell == "" {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(strings.ToLower(cell), "hồ sơ")), "bộ")))
	if err != nil || n < 0 || n > catalogue.MaxSets {
		return &Reason{fmt.Sprintf("Số bộ hồ sơ %q không phải là số từ 1 đến %d.", short(cell), catalogue.MaxSets), fmt.Sprintf("The sets of papers %q are no number of 1 to %d.", short(cell), catalogue.MaxSets)}
	}
	p.Sets = n
	return nil
}

func yesNo(b bool) string {
	if b {
		return "Có"
	}
	return ""
}

// readYes reads a mark; also lists more folded words that mean yes.
func readYes(cell, also string) (bool, *Reason) {
	f := slides.Fold(cell)
	for _, w := range append([]string{"co", "x", "1", "true", "yes"}, strings.Split(also, "|")...) {
		if f == w {
			return true, nil
		}
	}
	switch {
	case cell == "✓", cell == "✔", cell == "☑":
		return true, nil
	case f == "", f == "khong", f == "0", f == "false", f == "no", f == "chua":
		return false, nil
	}
	return false, &Reason{fmt.Sprintf("Không hiểu %q; ghi Có hoặc để trống.", short(cell)), fmt.Sprintf("%q is neither yes nor no; write Có or leave it empty.", short(cell))}
}

func showDate(d slides.LocalDate) string {
	if t, err := d.Time(); err == nil && d != "" {
		return t.Format("02/01/2006")
	}
	return string(d)
}

var spelt = regexp.MustCompile(`(?i)^(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})$`)

// readDate reads a date as Vietnam writes it, as computers do, and as the
// number of days that spreadsheets keep beneath.
func readDate(cell string) (slides.LocalDate, *Reason) {
	if cell == "" {
		return "", nil
	}
	if m := spelt.FindStringSubmatch(cell); m != nil {
		cell = m[1] + "/" + m[2] + "/" + m[3]
	}
	if n, err := strconv.ParseFloat(cell, 64); err == nil && n >= 32874 && n < 109575 { // 1990 to 2199
		return slides.LocalDate(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly)), nil
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", time.DateOnly} {
		if t, err := time.Parse(layout, cell); err == nil && t.Year() >= 1945 && t.Year() < 2200 {
			return slides.LocalDate(t.Format(time.DateOnly)), nil
		}
	}
	return "", &Reason{fmt.Sprintf("Ngày %q không hợp lệ; viết như 20/11/2025.", short(cell)), fmt.Sprintf("The date %q is not valid; write it like 20/11/2025.", short(cell))}
}

// bullet is what a line of a list begins with; it is not part of it.
var bullet = regexp.MustCompile(`^(?:[-–•*+·]|\d{1,2}[.)]|[a-zđ]\))\s+`)

func split(cell string) (out []string) {
	for l := range strings.SplitSeq(cell, "\n") {
		l = strings.TrimSpace(bullet.ReplaceAllString(strings.TrimSpace(l), ""))
		if l = strings.TrimSuffix(l, ";"); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func showLines(ts []slides.Text) string {
	var out []string
	for _, t := range ts {
		out = append(out, oneLine(t["vi"]))
	}
	return strings.Join(out, "\n")
}

// readLines reads a line each; one that is there already keeps its languages.
func readLines(old []slides.Text, cell string) []slides.Text {
	var out []slides.Text
	for _, l := range split(cell) {
		t := slides.Vi(l)
		for _, o := range old {
			if oneLine(o["vi"]) == l {
				t = o
				break
			}
		}
		out = append(out, t)
	}
	return out
}

const waived = "không phải nộp"

func showPapers(ps []catalogue.Paper) string {
	var out []string
	for i := range ps {
		s := oneLine(ps[i].Name["vi"])
		switch n := ps[i].Count()["vi"]; {
		case ps[i].Waived:
			s += " (" + waived + ")"
		case n != "":
			s += " (" + n + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

var (
	tail   = regexp.MustCompile(`^(.*\S)\s*\(([^()]*)\)$`)
	copies = regexp.MustCompile(`(?i)^(?:0?(\d{1,2})\s*bản\s+chính)?(?:\s*(?:,|và)?\s*0?(\d{1,2})\s*bản\s+sao)?$`)
)

// readPapers reads a paper a line: "Tờ khai (01 bản chính, 02 bản sao)".
func readPapers(old []catalogue.Paper, cell string) []catalogue.Paper {
	var out []catalogue.Paper
	for _, l := range split(cell) {
		var p catalogue.Paper
		if m := tail.FindStringSubmatch(l); m != nil {
			inner := strings.TrimSpace(m[2])
			c := copies.FindStringSubmatch(inner)
			switch {
			case strings.EqualFold(inner, waived):
				p.Waived, l = true, m[1]
			case c != nil && inner != "":
				p.Originals, _ = strconv.Atoi(c[1])
				p.Copies, _ = strconv.Atoi(c[2])
				l = m[1]
			}
		}
		p.Name = slides.Vi(l)
		for _, o := range old {
			if oneLine(o.Name["vi"]) == l {
				p.Name = o.Name
				break
			}
		}
		out = append(out, p)
	}
	return out
}

func showLinks(ls []catalogue.Link) string {
	var out []string
	for _, l := range ls {
		out = append(out, oneLine(l.Name["vi"])+" | "+l.URL)
	}
	return strings.Join(out, "\n")
}

// readLinks reads "Tên | https://…" a line; an address alone names itself.
func readLinks(old []catalogue.Link, cell string) ([]catalogue.Link, *Reason) {
	var out []catalogue.Link
	for _, l := range split(cell) {
		i := strings.Index(l, "https://")
		if i < 0 {
			return old, &Reason{fmt.Sprintf("Thiếu địa chỉ https:// ở %q; viết Tên | https://…", short(l)), fmt.Sprintf("%q has no https:// address; write Name | https://…", short(l))}
		}
		x := catalogue.Link{URL: strings.TrimSpace(l[i:])}
		name := strings.TrimSpace(strings.TrimRight(strings.TrimSpace(l[:i]), "|:-–"))
		if name == "" {
			name = scene.Letters(x.URL)
		}
		x.Name = slides.Vi(name)
		for _, o := range old {
			if oneLine(o.Name["vi"]) == name {
				x.Name = o.Name
				break
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// short keeps a hostile cell from filling the sentence that names it.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
