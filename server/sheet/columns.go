package sheet

import (
	"strconv"
	"strings"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// Column is one column of a spreadsheet of procedures: what it is called, by
// which words a header is known, how a procedure is shown in it and how a cell
// is read into a procedure.
type Column struct {
	Key    string
	Label  slides.Text
	Words  []string // folded; a header that is one of them, or begins with one
	Wide   float64  // of the exported column, characters
	Always bool     // exported though nothing is in it
	show   func(p *catalogue.Procedure) string
	read   func(p *catalogue.Procedure, cell string) *Reason // "" clears
}

// Show is what the column says of p; "" is nothing.
func (c Column) Show(p *catalogue.Procedure) string { return c.show(p) }

// Reason is why a cell can't be taken, in both languages.
type Reason struct{ Vi, En string }

// Keys of the columns that other parts ask for by name.
const (
	keyCode   = "code"
	keyName   = "name"
	keyField  = "field"
	keySource = "source"
	keyTime   = "time"
	keyNote   = "time_note"
)

// Columns are all columns, in the order in which they are exported and read.
var Columns = columns()

// Find finds a column by key.
func Find(key string) (Column, bool) {
	for _, c := range Columns {
		if c.Key == key {
			return c, true
		}
	}
	return Column{}, false
}

func columns() []Column {
	var out []Column
	add := func(key, vi, en string, wide float64, always bool, words string, show func(*catalogue.Procedure) string, read func(*catalogue.Procedure, string) *Reason) {
		list := append([]string{slides.Fold(vi), slides.Fold(en)}, strings.Split(words, "|")...)
		out = append(out, Column{Key: key, Label: slides.Text{"vi": vi, "en": en}, Words: list, Wide: wide, Always: always, show: show, read: read})
	}
	text := func(key, vi, en string, wide float64, always bool, words string, of func(*catalogue.Procedure) *slides.Text) {
		for _, lang := range []string{"vi", "en"} {
			key, vi, en, words, always := key, vi, en, words, always
			if lang == "en" {
				key, vi, en, words, always = key+".en", vi+" (tiếng Anh)", en+" (English)", slides.Fold(vi)+" en|"+slides.Fold(en)+" en", false
			}
			add(key, vi, en, wide, always, words, func(p *catalogue.Procedure) string { return (*of(p))[lang] }, func(p *catalogue.Procedure, cell string) *Reason {
				setText(of(p), lang, cell)
				return nil
			})
		}
	}
	plain := func(key, vi, en string, wide float64, always bool, words string, of func(*catalogue.Procedure) *string) {
		add(key, vi, en, wide, always, words, func(p *catalogue.Procedure) string { return *of(p) }, func(p *catalogue.Procedure, cell string) *Reason {
			*of(p) = cell
			return nil
		})
	}
	yes := func(key, vi, en, words, also string, of func(*catalogue.Procedure) *bool) {
		add(key, vi, en, 14, false, words, func(p *catalogue.Procedure) string { return yesNo(*of(p)) }, func(p *catalogue.Procedure, cell string) (r *Reason) {
			*of(p), r = readYes(cell, also)
			return r
		})
	}
	date := func(key, vi, en, words string, of func(*catalogue.Procedure) *slides.LocalDate) {
		add(key, vi, en, 14, false, words, func(p *catalogue.Procedure) string { return showDate(*of(p)) }, func(p *catalogue.Procedure, cell string) (r *Reason) {
			*of(p), r = readDate(cell)
			return r
		})
	}
	links := func(key, vi, en, words string, of func(*catalogue.Procedure) *[]catalogue.Link) {
		add(key, vi, en, 40, false, words, func(p *catalogue.Procedure) string { return showLinks(*of(p)) }, func(p *catalogue.Procedure, cell string) (r *Reason) {
			*of(p), r = readLinks(*of(p), cell)
			return r
		})
	}
	lines := func(key, vi, en, words string, of func(*catalogue.Procedure) *[]slides.Text) {
		add(key, vi, en, 50, false, words, func(p *catalogue.Procedure) string { return showLines(*of(p)) }, func(p *catalogue.Procedure, cell string) *Reason {
			*of(p) = readLines(*of(p), cell)
			return nil
		})
	}
	type P = catalogue.Procedure

	add(keyCode, "Mã thủ tục", "Code", 14, true, "ma tthc|ma so tthc|ma so ho so tthc|ma so thu tuc|ma so|ma", func(p *P) string { return p.Code }, readCode)
	text(keyName, "Tên thủ tục", "Name", 60, true, "ten thu tuc hanh chinh|ten tthc|thu tuc hanh chinh|thu tuc|ten", func(p *P) *slides.Text { return &p.Name })
	text(keyField, "Lĩnh vực", "Field", 24, true, "ten linh vuc|nhom thu tuc", func(p *P) *slides.Text { return &p.Field })
	add(keyTime, "Thời hạn giải quyết", "Time limit", 20, true, "thoi gian giai quyet|thoi han|thoi gian theo quy dinh|thoi gian quy dinh|thoi gian thuc hien|tong thoi gian", showLimit, readLimit)
	text(keyNote, "Ghi chú thời hạn", "Note on the time", 24, false, "ghi chu ve thoi han", func(p *P) *slides.Text { return &p.TimeNote })
	add("committed", "Thời hạn cam kết", "Promised time", 20, false, "thoi han da rut ngan|thoi gian da rut ngan|thoi gian rut ngan|thoi gian cam ket|thoi gian thuc hien tai don vi", func(p *P) string { return p.CommittedText()["vi"] }, readCommitted)
	text("fee", "Phí, lệ phí", "Fee", 20, true, "phi le phi neu co|le phi|phi", func(p *P) *slides.Text { return &p.Fee })
	text("where", "Địa điểm thực hiện", "Where", 30, true, "dia diem|noi nop|noi tiep nhan|noi nop ho so", func(p *P) *slides.Text { return &p.Where })
	text("how", "Cách thức thực hiện", "How", 24, true, "cach thuc|cach nop|hinh thuc nop|hinh thuc thuc hien", func(p *P) *slides.Text { return &p.How })
	add("online", "Mức độ trực tuyến", "Online level", 18, true, "muc do dvc|muc do dich vu cong|muc do cung cap|muc do|dvc truc tuyen|dich vu cong truc tuyen|truc tuyen", showOnline, readOnline)
	yes("post", "Bưu chính công ích", "By public post", "bcci|dich vu bcci|tiep nhan qua bcci|qua dich vu buu chinh|buu chinh", "nop|tra|nop va tra|ca hai|nop tra", func(p *P) *bool { return &p.Post })
	text("unit", "Cơ quan giải quyết", "Deciding office", 30, false, "co quan thuc hien|co quan co tham quyen|don vi giai quyet|don vi thuc hien|co quan", func(p *P) *slides.Text { return &p.Unit })
	add("level", "Cấp thực hiện", "Level", 12, false, "cap|cap giai quyet|cap hanh chinh", showLevel, readLevel)
	text("who", "Đối tượng thực hiện", "Who may apply", 30, false, "doi tuong", func(p *P) *slides.Text { return &p.Who })
	add("papers", "Thành phần hồ sơ", "What to bring", 60, false, "ho so can nop|giay to can nop|giay to phai nop|ho so", func(p *P) string { return showPapers(p.Papers) }, func(p *P, cell string) *Reason {
		p.Papers = readPapers(p.Papers, cell)
		return nil
	})
	add("sets", "Số bộ hồ sơ", "Sets of papers", 10, false, "so luong ho so|so luong bo ho so|so bo", func(p *P) string {
		if p.Sets == 0 {
			return ""
		}
		return strconv.Itoa(p.Sets)
	}, readSets)
	lines("steps", "Trình tự thực hiện", "Steps", "trinh tu|cac buoc thuc hien", func(p *P) *[]slides.Text { return &p.Steps })
	text("result", "Kết quả thực hiện", "Result", 30, false, "ket qua|ket qua giai quyet", func(p *P) *slides.Text { return &p.Result })
	text("conditions", "Yêu cầu, điều kiện", "Conditions", 40, false, "yeu cau|dieu kien", func(p *P) *slides.Text { return &p.Conditions })
	lines("basis", "Căn cứ pháp lý", "Legal basis", "can cu|co so phap ly|van ban quy dinh", func(p *P) *[]slides.Text { return &p.Basis })
	links("forms", "Mẫu đơn, tờ khai", "Forms", "mau don|to khai|bieu mau", func(p *P) *[]catalogue.Link { return &p.Forms })
	links("samples", "Hồ sơ mẫu", "Samples", "mau da dien", func(p *P) *[]catalogue.Link { return &p.Samples })
	links("videos", "Video hướng dẫn", "Videos", "video", func(p *P) *[]catalogue.Link { return &p.Videos })
	add("related", "Câu hỏi liên quan", "Related questions", 24, false, "tinh huong lien quan", func(p *P) string { return strings.Join(p.Related, "\n") }, func(p *P, cell string) *Reason {
		p.Related = strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == ' ' })
		return nil
	})
	plain("url", "Địa chỉ trực tuyến", "Address", 40, false, "url|duong dan|lien ket|link|dia chi nop ho so truc tuyen", func(p *P) *string { return &p.URL })
	plain(keySource, "Quyết định công bố", "Decision (source)", 40, true, "nguon|so quyet dinh|qd cong bo|quyet dinh", func(p *P) *string { return &p.Source })
	yes("reference", "Tham khảo", "For reference", "chi de tham khao", "tham khao", func(p *P) *bool { return &p.Reference })
	yes("abridged", "Tên rút gọn", "Name is shortened", "rut gon ten", "rut gon", func(p *P) *bool { return &p.Abridged })
	date("from", "Ngày hiệu lực", "Valid from", "hieu luc tu|tu ngay|ngay co hieu luc", func(p *P) *slides.LocalDate { return &p.From })
	date("until", "Ngày hết hiệu lực", "Valid until", "het hieu luc|den ngay", func(p *P) *slides.LocalDate { return &p.Until })
	date("reviewed_on", "Ngày rà soát", "Reviewed on", "ra soat lan cuoi|ngay kiem tra", func(p *P) *slides.LocalDate { return &p.ReviewedOn })
	plain("reviewed_by", "Người rà soát", "Reviewed by", 20, false, "nguoi kiem tra", func(p *P) *string { return &p.ReviewedBy })
	return out
}
