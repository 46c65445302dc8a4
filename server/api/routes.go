package api

import (
	"net/http"
	"slices"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// route is one row of the table of everything that the interface answers.
type route struct {
	method, path string
	open         bool        // to anyone, without a token
	scope        store.Scope // that a token needs; "" any
	// owner finds the unit of what the path names; nil where the route keeps to
	// the token's units by itself.
	owner  func(*call) (string, error)
	does   slides.Text // one sentence
	query  []param
	takes  any  // a value of the type of the body; nil: none
	bare   bool // the body may be left out
	gives  any  // a value of the type of the answer; nil: none
	status int
	ifs    bool // If-Match and If-None-Match count
	tags   bool // the answer has an ETag
	serve  func(*call) (any, error)
}

// Pages of a list.
const (
	usualRows = 100
	mostRows  = 500
)

var (
	limitParam  = param{name: "limit", does: say("Số dòng mỗi trang; mặc định 100.", "Rows of a page; 100 if not given."), is: isInteger, least: 1, most: mostRows}
	cursorParam = param{name: "cursor", does: say("Trường next của trang trước.", "The field next of the page before.")}
	revisionCur = param{name: "cursor", does: cursorParam.does, is: isInteger, least: 1, most: maxRevision}
	unitParam   = param{name: "unit", does: say("Chỉ đơn vị này và các đơn vị dưới nó.", "Only this unit and those below it.")}
	stateParam  = param{name: "state", does: say("Chỉ trạng thái này.", "Only in this state."), is: isChoice, oneOf: []string{string(store.Draft), string(store.Live), string(store.Edited), string(store.Recalled)}}
	searchParam = param{name: "q", does: say("Các từ phải có, không phân biệt dấu.", "Words that must be there, with or without marks.")}
	fromParam   = param{name: "from", needs: true, does: say("Ngày đầu, theo giờ của đơn vị.", "The first day, in the unit's zone."), is: isDate}
	toParam     = param{name: "to", needs: true, does: say("Ngày cuối, tính cả ngày đó.", "The last day, with it."), is: isDate}
)

func say(vi, en string) slides.Text { return slides.Text{"vi": vi, "en": en} }

func routes() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	out := []route{
		{
			method: get, path: "/api/v1/openapi.json", open: true, status: 200,
			does:  say("Tài liệu này, theo OpenAPI 3.1; tiếng theo Accept-Language.", "This document, as OpenAPI 3.1; its language follows Accept-Language."),
			serve: func(c *call) (any, error) { return Document(language(c.r)), nil },
		},
		{
			method: get, path: "/api/v1/units", gives: page[unit]{}, status: 200, serve: listUnits,
			does: say("Các đơn vị mà khóa có quyền, cấp trên trước.", "The units in which the token holds, parents first."),
		},
	}
	for i := range genres {
		g := &genres[i]
		of := say(g.vi, g.en)
		base := "/api/v1/" + g.name
		out = append(out,
			route{
				method: get, path: base, scope: store.ReadContent, status: 200, gives: g.shape, query: []param{unitParam, stateParam, searchParam, limitParam, cursorParam}, serve: g.list,
				does: say("Liệt kê các "+of["vi"]+" (bản nháp), theo mã.", "A list of "+of["en"]+" drafts, by id."),
			},
			route{
				method: post, path: base, scope: store.WriteContent, status: 201, takes: g.sent, gives: g.shape, tags: true, serve: g.create,
				does: say("Tạo một "+of["vi"]+" nháp; không ghi mã thì máy chủ đặt.", "Makes a "+of["en"]+" draft; without an id the server chooses one."),
			},
			route{
				method: get, path: base + "/{id}", scope: store.ReadContent, owner: g.owner, status: 200, gives: g.shape, tags: true, serve: g.read,
				does: say("Một "+of["vi"]+" nháp.", "One "+of["en"]+" draft."),
			},
			route{
				method: put, path: base + "/{id}", scope: store.WriteContent, owner: g.putOwner, status: 200, takes: g.sent, gives: g.shape, ifs: true, tags: true, serve: g.put,
				does: say("Lưu bản nháp mới của một "+of["vi"]+", hoặc tạo dưới mã này.", "Saves a new draft of a "+of["en"]+", or makes one under this id."),
			},
			route{
				method: del, path: base + "/{id}", scope: store.WriteContent, owner: g.owner, status: 204, ifs: true, serve: g.remove,
				does: say("Xóa bản nháp; bản đang chiếu còn đến lần phát hành sau.", "Deletes the draft; what is live stays until that is published."),
			},
		)
	}
	out = slices.Concat(out, []route{
		{
			method: post, path: "/api/v1/slides/{id}/recall", scope: store.PublishContent, owner: genres[0].owner, takes: noted{}, bare: true, gives: publication{}, status: 201, serve: recallSlide,
			does: say("Gỡ một trang khỏi mọi màn hình ngay lập tức.", "Takes a slide off every screen at once."),
		},
		{
			method: get, path: "/api/v1/publications", scope: store.ReadContent, gives: page[publication]{}, status: 200, query: []param{limitParam, revisionCur}, serve: listPublications,
			does: say("Các bản phát hành, mới nhất trước.", "The publications, newest first."),
		},
		{
			method: post, path: "/api/v1/publications", scope: store.PublishContent, takes: pieces{}, gives: publication{}, status: 201, serve: publish,
			does: say("Phát hành các bản nháp ở đúng phiên bản đã xem; đơn vị phát hành qua duyệt thì bị từ chối, hãy trình.", "Publishes drafts at the versions that were seen; denied where a unit wants an approval: submit there."),
		},
		{
			method: post, path: "/api/v1/submissions", scope: store.WriteContent, takes: pieces{}, gives: submission{}, status: 201, serve: submit,
			does: say("Trình các bản nháp để người của đơn vị duyệt; máy không duyệt.", "Submits drafts for the unit's people to approve; a program approves nothing."),
		},
		{
			method: get, path: "/api/v1/submissions/{id}", scope: store.ReadContent, owner: ofSubmission, gives: submission{}, status: 200, serve: readSubmission,
			does: say("Phiếu trình đã đến đâu.", "What became of a submission."),
		},
		{
			method: post, path: "/api/v1/submissions/{id}/withdraw", scope: store.WriteContent, owner: ofSubmission, bare: true, gives: submission{}, status: 200, serve: withdraw,
			does: say("Rút phiếu mà chính khóa này đã trình.", "Takes back what this token submitted."),
		},
		{
			method: post, path: "/api/v1/publications/{revision}/recall", scope: store.PublishContent, takes: noted{}, bare: true, gives: publication{}, status: 201, serve: recallPublication,
			does: say("Thu hồi một bản phát hành: màn hình trở lại như trước nó.", "Recalls a publication: screens go back to what was before it."),
		},
		{
			method: get, path: "/api/v1/kiosks", scope: store.ReadKiosks, gives: page[kiosk]{}, status: 200, query: []param{unitParam, limitParam, cursorParam}, serve: listKiosks,
			does: say("Các ki-ốt và tình trạng của chúng, theo mã.", "The kiosks and how they stand, by id."),
		},
		{
			method: get, path: "/api/v1/kiosks/{id}", scope: store.ReadKiosks, owner: ofKiosk, gives: kiosk{}, status: 200, serve: readKiosk,
			does: say("Một ki-ốt.", "One kiosk."),
		},
		{
			method: post, path: "/api/v1/kiosks/{id}/commands", scope: store.RunKiosks, owner: ofKiosk, takes: order{wire.Reload}, gives: command{}, status: 202, serve: sendCommand,
			does: say("Gửi một lệnh cho ki-ốt; lệnh chờ tối đa 10 phút.", "Sends a kiosk a command, which waits for 10 minutes at most."),
		},
		{
			method: get, path: "/api/v1/kiosks/{id}/commands/{command}", scope: store.RunKiosks, owner: ofKiosk, gives: command{}, status: 200, serve: readCommand,
			does: say("Lệnh đã đến đâu.", "What became of a command."),
		},
		{
			method: post, path: "/api/v1/kiosks/{id}/invite", scope: store.InviteScope, owner: ofKiosk, takes: wire.Invitation{}, bare: true, gives: invited{}, status: 202, serve: invite,
			does: say("Mời công dân tại quầy của ki-ốt đánh giá.", "Asks the citizen at the kiosk's counter to rate."),
		},
		{
			method: get, path: "/api/v1/kiosks/{id}/invite/{invitation}", scope: store.InviteScope, owner: ofKiosk, gives: outcome{}, status: 200, serve: readInvitation,
			does: say("Câu hỏi đã lên màn hình chưa. Công dân có trả lời hay không thì không ai được biết.", "Whether the question is on the screen. Whether it was answered is told to nobody."),
		},
		{
			method: get, path: "/api/v1/statistics", scope: store.ReadStatistics, gives: figures{}, status: 200, serve: readStatistics,
			query: []param{
				{name: "unit", does: say("Đơn vị, gồm cả các đơn vị dưới nó; mặc định là đơn vị của khóa.", "The unit, with those below it; the token's if not given.")},
				fromParam, toParam,
				{name: "form", does: say("Mã phiếu mà chuỗi thời gian, ki-ốt và đơn vị tính theo.", "The questionnaire of which series, kiosks and units show the index.")},
			},
			does: say("Các con số của trang thống kê; dưới 5 phiếu thì không nói.", "The figures of the statistics page; of fewer than 5 ratings none."),
		},
		{
			method: get, path: "/api/v1/plays", scope: store.ReadStatistics, gives: playsPage{}, status: 200, serve: listPlays,
			query: []param{
				fromParam, toParam, unitParam,
				{name: "kiosk", does: say("Chỉ ki-ốt này.", "Only this kiosk.")},
				{name: "by", does: say("Cộng theo gì; mặc định slide.", "By what the sums are; slide if not given."), is: isChoice, oneOf: playGroups},
				limitParam, cursorParam,
			},
			does: say("Bằng chứng phát: mỗi trang, chuyên đề, ki-ốt hoặc ngày đã chiếu bao nhiêu lần và giây, bên cạnh kế hoạch nơi tính được (tối đa 400 ngày).", "Proof of play: how often and how long each slide, topic, kiosk or day showed, beside the plan where that can be reckoned (400 days at most)."),
		},
	})
	return out
}
