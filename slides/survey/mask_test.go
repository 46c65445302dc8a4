package survey

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "",
		"Cảm ơn cán bộ quầy 3":                "Cảm ơn cán bộ quầy 3",
		"CCCD 020123456789.":                  "CCCD •••.",
		"CCCD: 020 123 456 789, Nguyễn":       "CCCD: •••, Nguyễn",
		"0201 2345 6789":                      "•••",
		"020.123.456.789":                     "•••",
		"0 2 0 1 2 3 4 5 6 7 8 9":             "•••",
		"CMND 082123456":                      "CMND •••",
		"CMND 082 123 456 cấp":                "CMND ••• cấp",
		"gọi 0912345678 nhé":                  "gọi ••• nhé",
		"gọi 0912 345 678":                    "gọi •••",
		"gọi 0912.345.678, hoặc 0205.3812345": "gọi •••, hoặc •••",
		"(0205) 3812 345":                     "(•••",
		"091-234-56-78":                       "•••",
		"0912 – 345 – 678":                    "•••",
		"+84912345678":                        "+•••",
		"+84 912 345 678":                     "+•••",
		"(+84) 912 345 678":                   "(+•••",
		"+84 (0)912 345 678":                  "+•••",
		"0084 912 345 678":                    "•••",
		"0 0 8 4 9 1 2 34 5 6 7 8":            "•••",
		"01234567890":                         "•••",
		"tel:０９１２３４５６７８":                      "tel:•••",
		"tk 19031234567890123":                "tk •••",
		"0912345678/0987654321":               "•••/•••",
		"năm 2023, 0912345678":                "năm 2023, •••",
		// Not personal.
		"ngày 08/3/2023 lúc 9 giờ 30":             "ngày 08/3/2023 lúc 9 giờ 30",
		"ngày 08.03.2023":                         "ngày 08.03.2023",
		"các năm 2021, 2022, 2023":                "các năm 2021, 2022, 2023",
		"Quyết định 1001/QĐ-BNV ngày 11/12/2023":  "Quyết định 1001/QĐ-BNV ngày 11/12/2023",
		"thủ tục 1.000105.000.00.00.H37":          "thủ tục 1.000105.000.00.00.H37",
		"phí 100.000.000 đồng":                    "phí 100.000.000 đồng",
		"từ 100.000.000đ 200.000.000 VNĐ trở lên": "từ 100.000.000đ 200.000.000 VNĐ trở lên",
		"1.500.000 đồng":                          "1.500.000 đồng",
		"tổng đài 1900 1234":                      "tổng đài 1900 1234",
		"0912 345.678 đ.c An":                     "••• đ.c An",
		"phí 5, 100.000.000 đ":                    "phí 5, ••• đ",
		"100.000.000":                             "•••",
		"082.123.456 đ/c An":                      "••• đ/c An",
		"121.234.567 đ/c An":                      "••• đ/c An",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

var digit = regexp.MustCompile(`[0-9]`)

// However a number is grouped, and whatever stands around it, none of its
// digits are left, and what has none is as it was.
func TestMaskHidesEveryGrouping(t *testing.T) {
	gaps := []string{" ", ".", "-", ". ", " - ", ", ", "–", ") "}
	rapid.Check(t, func(t *rapid.T) {
		var number string
		var sizes []int
		switch rapid.IntRange(0, 2).Draw(t, "sort") {
		case 0:
			number = rapid.StringMatching(`0[0-9]{11}`).Draw(t, "cccd")
			sizes = rapid.SampledFrom([][]int{{12}, {3, 3, 3, 3}, {4, 4, 4}}).Draw(t, "sizes")
		case 1:
			number = rapid.StringMatching(`[0-9]{9}`).Draw(t, "cmnd")
			sizes = rapid.SampledFrom([][]int{{9}, {3, 3, 3}}).Draw(t, "sizes")
		case 2:
			number = rapid.StringMatching(`(0|\+84|0084)[1-9][0-9]{8,9}`).Draw(t, "phone")
			for left := len(strings.TrimPrefix(number, "+")); left > 0; {
				n := rapid.IntRange(1, left).Draw(t, "n")
				sizes, left = append(sizes, n), left-n
			}
		}
		plus := ""
		if rest, ok := strings.CutPrefix(number, "+"); ok {
			plus, number = "+", rest
		}
		var b strings.Builder
		b.WriteString(plus)
		for i, n := range sizes {
			if i > 0 {
				b.WriteString(rapid.SampledFrom(gaps).Draw(t, "gap"))
			}
			b.WriteString(number[:n])
			number = number[n:]
		}
		before := rapid.StringMatching(`[a-zàđ:( ]{0,8}`).Draw(t, "before")
		after := rapid.StringMatching(`[a-zà.,) ]{0,8}`).Draw(t, "after")
		in := before + b.String() + after
		got := Mask(in)
		if digit.MatchString(got) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
			t.Fatalf("Mask(%q) = %q", in, got)
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add("gọi 0912.345.678, CCCD 020 123 456 789, 100.000.000 đồng")
	run := regexp.MustCompile(`[0-9]{9}`)
	f.Fuzz(func(t *testing.T, s string) {
		got := Mask(s)
		if Mask(got) != got {
			t.Fatalf("Mask(%q) = %q, masked again %q", s, got, Mask(got))
		}
		if run.MatchString(got) {
			t.Fatalf("Mask(%q) = %q", s, got)
		}
	})
}
