package catalogue

import "motcua/slides"

// abbreviations are those in which staff and citizens write at one-stop desks,
// each with the published list or decree whose term it shortens. Where one
// stands for two things, either is found.
var abbreviations = []struct {
	short  string
	long   []string
	source string
}{
	{"NCC", []string{"người có công"}, "NĐ 131/2021/NĐ-CP"},
	{"HĐKC", []string{"hoạt động kháng chiến"}, "NĐ 131/2021/NĐ-CP"},
	{"HĐCM", []string{"hoạt động cách mạng"}, "NĐ 131/2021/NĐ-CP"},
	{"BMVNAH", []string{"Bà mẹ Việt Nam anh hùng"}, "NĐ 131/2021/NĐ-CP"},
	{"TNXP", []string{"thanh niên xung phong"}, "QĐ 3783/QĐ-UBND ngày 20/11/2025, Nghệ An"},
	{"CCB", []string{"cựu chiến binh"}, "QĐ 3783/QĐ-UBND ngày 20/11/2025, Nghệ An"},
	{"BHTN", []string{"bảo hiểm thất nghiệp", "trợ cấp thất nghiệp"}, "QĐ 3783/QĐ-UBND ngày 20/11/2025, Nghệ An"},
	{"TCTN", []string{"trợ cấp thất nghiệp"}, "QĐ 3783/QĐ-UBND ngày 20/11/2025, Nghệ An"},
	{"GPLĐ", []string{"giấy phép lao động"}, "QĐ 1513/QĐ-UBND ngày 22/11/2025, Bắc Ninh"},
	{"NLĐ", []string{"người lao động"}, "QĐ 1513/QĐ-UBND ngày 22/11/2025, Bắc Ninh"},
	{"XKLĐ", []string{"xuất khẩu lao động", "đi làm việc ở nước ngoài"}, "QĐ 2843/QĐ-UBND ngày 20/11/2025, TP. Hồ Chí Minh"},
	{"HĐLĐ", []string{"hợp đồng lao động"}, "QĐ 2843/QĐ-UBND ngày 20/11/2025, TP. Hồ Chí Minh"},
	{"ATVSLĐ", []string{"an toàn vệ sinh lao động"}, "QĐ 2843/QĐ-UBND ngày 20/11/2025, TP. Hồ Chí Minh"},
	{"DVVL", []string{"dịch vụ việc làm"}, "NĐ 23/2021/NĐ-CP"},
	{"BTXH", []string{"bảo trợ xã hội"}, "QĐ 2022/QĐ-UBND ngày 27/11/2025, Cao Bằng"},
	{"TGXH", []string{"trợ giúp xã hội"}, "QĐ 2022/QĐ-UBND ngày 27/11/2025, Cao Bằng"},
	{"CTXH", []string{"công tác xã hội"}, "QĐ 2022/QĐ-UBND ngày 27/11/2025, Cao Bằng"},
	{"NKT", []string{"người khuyết tật"}, "QĐ 2022/QĐ-UBND ngày 27/11/2025, Cao Bằng"},
	{"GDNN", []string{"giáo dục nghề nghiệp"}, "NQ 66.7/2025/NQ-CP"},
	{"LLTP", []string{"lý lịch tư pháp"}, "NQ 66.7/2025/NQ-CP"},
	{"GCN", []string{"giấy chứng nhận"}, "NQ 66.7/2025/NQ-CP"},
	{"DVC", []string{"dịch vụ công"}, "NĐ 42/2022/NĐ-CP"},
	{"DVCTT", []string{"dịch vụ công trực tuyến"}, "NĐ 42/2022/NĐ-CP"},
	{"TTHC", []string{"thủ tục hành chính"}, "NĐ 63/2010/NĐ-CP"},
}

// abbreviated is what a folded word may stand for.
var abbreviated = func() map[string][]string {
	out := map[string][]string{}
	for _, a := range abbreviations {
		out[slides.Fold(a.short)] = a.long
	}
	return out
}()

// variant is one reading of a query.
type variant struct {
	words  []string
	closed bool // the last word is an abbreviation's: it is not half typed
}

// maxVariants bounds the readings: people write one abbreviation, or two.
const maxVariants = 6

// variants are the readings of a query: as it stands, and with each
// abbreviation in full.
func variants(words []string) []variant {
	out := []variant{{}}
	for i, w := range words {
		var next []variant
		for _, v := range out {
			next = append(next, variant{words: append(v.words[:len(v.words):len(v.words)], w)})
			for _, long := range abbreviated[slides.Fold(w)] {
				next = append(next, variant{words: append(v.words[:len(v.words):len(v.words)], split(long)...), closed: i == len(words)-1})
			}
		}
		out = next[:min(len(next), maxVariants)]
	}
	return out
}
