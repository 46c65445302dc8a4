package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Tone is the ground that a kind stands on.
func (k Kind) Tone() scene.Tone {
	switch k.Name {
	case "slogan":
		return scene.Red
	case "guide", "links":
		return scene.Sky
	}
	return scene.Paper
}

// Scene composes a slide of w×h pixels: frame and body. Its errors are those
// of Parse; a text that does not fit is no error but an Overflow of the scene.
func Scene(s *slides.Slide, frame scene.Frame, faces *scene.Faces, w, h int) (*scene.Scene, error) {
	body, err := Parse(s)
	if err != nil {
		return nil, err
	}
	return Compose(s, body, frame, faces, w, h), nil
}

// Compose is Scene for a body that is parsed already.
func Compose(s *slides.Slide, body Body, frame scene.Frame, faces *scene.Faces, w, h int) *scene.Scene {
	k, _ := Find(s.Kind)
	return scene.Compose(frame, w, h, faces, func(c *scene.Canvas) {
		c.Chrome(k.Tone(), TopicLabel(s.Topic).In(frame.Lang))
		body.Layout(c, s)
	})
}

// topicLabels are the topics' names short enough for a slide's foot.
var topicLabels = map[slides.Topic]slides.Text{
	"T01": {"vi": "Mục tiêu cải cách", "en": "Aims of reform"},
	"T02": {"vi": "Chương trình, kế hoạch", "en": "Programmes, plans"},
	"T03": {"vi": "Cải cách thể chế", "en": "Institutions"},
	"T04": {"vi": "Cải cách thủ tục", "en": "Procedures"},
	"T05": {"vi": "Bộ máy, kỷ cương", "en": "Discipline"},
	"T06": {"vi": "Chế độ công vụ", "en": "Civil service"},
	"T07": {"vi": "Chính quyền số", "en": "Digital government"},
	"T08": {"vi": "Dịch vụ công trực tuyến", "en": "Online services"},
	"T09": {"vi": "Các chỉ số", "en": "Indices"},
	"T10": {"vi": "Kết quả, biểu dương", "en": "Results, praise"},
	"T11": {"vi": "Phòng, chống tham nhũng", "en": "Anti-corruption"},
	"T12": {"vi": "Tình huống, hỏi đáp", "en": "Questions, answers"},
	"T13": {"vi": "Cuộc thi", "en": "Contests"},
}

// TopicLabel is a topic's name in few words; slides.TopicNames has the full one.
func TopicLabel(t slides.Topic) slides.Text {
	if l, ok := topicLabels[t]; ok {
		return l
	}
	return slides.TopicNames[t]
}
