// Package survey holds questionnaires as versioned data, the rating that a
// citizen gives to one, its checks, and the SIPAS-style score.
package survey

import "motcua/slides"

// Level is one answer: 1 "Rất không hài lòng" to 5 "Rất hài lòng"; NotApplicable
// is "Không áp dụng" and leaves both sides of a share. A question left blank
// has no answer at all.
type Level int

// NotApplicable is the answer "Không áp dụng".
const NotApplicable Level = 0

// LevelNames are the official words, worst to best (QĐ 1001/QĐ-BNV).
var LevelNames = [5]slides.Text{
	{"vi": "Rất không hài lòng", "en": "Very dissatisfied"},
	{"vi": "Không hài lòng", "en": "Dissatisfied"},
	{"vi": "Bình thường", "en": "Neutral"},
	{"vi": "Hài lòng", "en": "Satisfied"},
	{"vi": "Rất hài lòng", "en": "Very satisfied"},
}

// Factor is one of the five SIPAS factors, "f1" to "f5", or "all" for a
// question on the whole service.
type Factor string

// Overall is the factor of a question on the whole service.
const Overall Factor = "all"

// Factors are the five, in official order.
var Factors = []Factor{"f1", "f2", "f3", "f4", "f5"}

// FactorNames are their official names.
var FactorNames = map[Factor]slides.Text{
	"f1":    {"vi": "Tiếp cận dịch vụ", "en": "Access to the service"},
	"f2":    {"vi": "Thủ tục hành chính", "en": "Administrative procedure"},
	"f3":    {"vi": "Công chức trực tiếp giải quyết công việc", "en": "Officers who handle the work"},
	"f4":    {"vi": "Kết quả cung ứng dịch vụ hành chính công", "en": "Outcome of the service"},
	"f5":    {"vi": "Tiếp nhận, giải quyết góp ý, phản ánh, kiến nghị", "en": "Handling of suggestions and complaints"},
	Overall: {"vi": "Sự phục vụ nói chung", "en": "The service as a whole"},
}

// Question is one statement or question answered with a Level.
type Question struct {
	ID     string      `json:"id"`
	Factor Factor      `json:"factor"`
	Text   slides.Text `json:"text"`
	NA     bool        `json:"na"` // offers "Không áp dụng"
}

// Tag is one reason that may be ticked after a low answer to a question of its
// factor, or to one on the whole service.
type Tag struct {
	ID     string      `json:"id"`
	Factor Factor      `json:"factor"`
	Text   slides.Text `json:"text"`
}

// Choice is one question of Phần A; its answer is an option's id.
type Choice struct {
	ID      string      `json:"id"`
	Text    slides.Text `json:"text"`
	Options []Option    `json:"options"`
}

// Option is one answer of a Choice.
type Option struct {
	ID   string      `json:"id"`
	Text slides.Text `json:"text"`
}

// OnIdle says what happens to a partial answer when the citizen walks away.
type OnIdle string

// Keep stores it marked partial, Drop forgets it.
const (
	Keep OnIdle = "keep"
	Drop OnIdle = "drop"
)

// Questionnaire is one version of one form: immutable once published, a blob.
type Questionnaire struct {
	Format    int         `json:"format"` // 1
	ID        string      `json:"id"`     // "nhanh", "rutgon", "daydu"
	Version   int         `json:"version"`
	Title     slides.Text `json:"title"`
	Ask       slides.Text `json:"ask"`  // the heading of the first screen
	Note      slides.Text `json:"note"` // "Không hỏi tên, số điện thoại."
	Questions []Question  `json:"questions"`
	Tags      []Tag       `json:"tags,omitempty"`
	TagsUpTo  Level       `json:"tags_up_to,omitempty"` // offer Tags when the answer is at most this
	// FreeTextUpTo offers to write a few words when an answer is at most this;
	// 5 always does, 0 never.
	FreeTextUpTo Level    `json:"free_text_up_to,omitempty"`
	Review       bool     `json:"review,omitempty"` // all answers are shown before they are sent
	PartA        []Choice `json:"part_a,omitempty"` // asked last; none of it must be answered
	OnIdle       OnIdle   `json:"on_idle"`
	Method       string   `json:"method"` // scoring rule: MethodPooled
	Source       string   `json:"source"` // the legal source of the wording
}
