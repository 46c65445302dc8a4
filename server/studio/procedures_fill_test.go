package studio

import (
	"context"
	"encoding/json"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
)

// fillProcedures brings the catalogue's pages to life: a procedure with every
// column, imports in each state, sheets that hang.
func (o *office) fillProcedures() []struct{ path, has string } {
	t := o.t
	t.Helper()
	ctx := context.Background()
	row, err := o.store.SaveProcedure(ctx, store.Actor{}, o.firstUnitID(), fullProcedure(), 0)
	if err != nil {
		t.Fatal(err)
	}
	edited := fullProcedure()
	edited.Fee, edited.Committed = slides.Vi("600.000 đồng/giấy phép"), 5
	if row, err = o.store.SaveProcedure(ctx, store.Actor{}, row.Unit, edited, row.Version); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.Publish(ctx, store.Actor{}, store.PublishRequest{Items: []store.ItemRef{row.ItemRef}}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []store.Posting{
		{What: store.OfProcedure, Ref: row.ID, Place: "Bảng tin Trung tâm Phục vụ hành chính công, cạnh cửa chính", Posted: "2026-03-20", Name: "Phòng Một cửa"},
		{What: store.OfField, Ref: row.Procedure.Field["vi"], Place: "Nhà văn hóa khối 8", Posted: "2026-03-01", Name: "Nông Thị Mai"},
	} {
		if _, err := o.store.AddPosting(ctx, store.Actor{}, p); err != nil {
			t.Fatal(err)
		}
	}
	later := *edited
	later.TimeLimit = 9
	if row, err = o.store.SaveProcedure(ctx, store.Actor{}, row.Unit, &later, row.Version); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.Publish(ctx, store.Actor{}, store.PublishRequest{Items: []store.ItemRef{row.ItemRef}}); err != nil {
		t.Fatal(err)
	}
	later.Result = slides.Vi("Giấy phép lao động (bản điện tử)")
	if _, err = o.store.SaveProcedure(ctx, store.Actor{}, row.Unit, &later, row.Version); err != nil {
		t.Fatal(err)
	}
	kept := func(file string) string {
		b := []byte(file)
		book, err := sheet.Open("phụ lục quyết định 1513.csv", b)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(sheet.Guess(book))
		if err != nil {
			t.Fatal(err)
		}
		i, err := o.store.KeepImport(ctx, store.Actor{}, "phụ lục quyết định 1513.csv", b)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.store.MapImport(ctx, i.ID, raw); err != nil {
			t.Fatal(err)
		}
		return i.ID
	}
	const annex = "Kèm theo Quyết định số 1513/QĐ-UBND;;;;\nMã TTHC;Tên thủ tục;Lĩnh vực;Thời hạn giải quyết;Phí\n1,900000.h37;Cấp lại giấy phép lao động (tên mới);Việc làm;08 ngày làm việc;600.000 đồng\n2.9.1;Mã sai;Việc làm;;\n1.900001;Thủ tục mới;Việc làm;05 ngày;Không\n"
	open, wild, done := kept(annex), kept("Họ tên;Điểm\nA;1\n"), kept(annex)
	if _, err := o.store.RunImport(ctx, store.Actor{}, done, row.Unit, []store.ImportWrite{{Procedure: &catalogue.Procedure{Code: "1.900009", Name: slides.Vi("Một"), Field: slides.Vi("Việc làm"), Source: "QĐ"}}}, store.ImportCounts{Same: 3, Rejected: 1}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return []struct{ path, has string }{
		{"/studio/procedures/" + row.ID, "Lấy lại bản này"},
		{"/studio/imports/" + open, "Không nhận"},
		{"/studio/imports/" + open + "?show=changed", "Thay đổi"},
		{"/studio/imports/" + wild, "Cột nào là cột nào"},
		{"/studio/imports/" + done, "Đã ghi vào danh mục"},
		{"/studio/procedures?stale=on&field=Vi%E1%BB%87c+l%C3%A0m", "Thủ tục"},
		{"/studio/postings?removed=on", "Đã cũ"},
	}
}

// fullProcedure has every column filled, at length.
func fullProcedure() *catalogue.Procedure {
	return &catalogue.Procedure{
		Code: "1.900000.H37", Name: slides.Text{"vi": "Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam theo hợp đồng đào tạo, nâng cao năng lực và tập nghề", "en": "Reissue of a work permit"},
		Field: slides.Text{"vi": "Việc làm", "en": "Employment"}, TimeLimit: 10, TimeUnit: catalogue.Workday, TimeNote: slides.Vi("Từ chối: 03 ngày làm việc"), Committed: 7,
		Fee: slides.Vi("Không"), Where: slides.Vi("Trung tâm Phục vụ hành chính công tỉnh"), How: slides.Vi("Trực tiếp, trực tuyến hoặc qua bưu điện"), Online: catalogue.Full, Post: true,
		URL: "https://dichvucong.gov.vn", Unit: slides.Vi("Sở Nội vụ"), Level: catalogue.Province, Sets: 1, Who: slides.Vi("Người sử dụng lao động"), Result: slides.Vi("Giấy phép lao động"),
		Papers: []catalogue.Paper{{Name: slides.Vi("Đơn đề nghị cấp lại giấy phép lao động theo Mẫu số 03"), Originals: 1}, {Name: slides.Vi("Phiếu lý lịch tư pháp số 1"), Waived: true}},
		Steps:  []slides.Text{slides.Vi("Nộp hồ sơ tại quầy hoặc trên Cổng Dịch vụ công quốc gia."), slides.Vi("Nhận kết quả theo giấy hẹn.")},
		Basis:  []slides.Text{slides.Vi("Nghị định số 219/2025/NĐ-CP")}, Forms: []catalogue.Link{{Name: slides.Vi("Mẫu số 03"), URL: "https://dichvucong.gov.vn/mau-so-03"}},
		Source: "QĐ 1513/QĐ-UBND ngày 22/11/2025", From: "2025-11-22", ReviewedOn: "2026-01-05", ReviewedBy: "Nông Thị Mai",
	}
}
