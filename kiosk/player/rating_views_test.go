package player_test

import (
	"fmt"
	"strings"
	"testing"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/dossier"
	"motcua/slides/survey"
)

// longest is a text as long as its field admits.
func longest(n int) string { return strings.Repeat("Nguyễn Thị Phương Khuyên ", n/25+1)[:n] }

// ratingPaths lead to every screen of a rating.
func ratingPaths(t testing.TB) map[string]func() *stage {
	long := newShelf(t, "daydu", 2).load(t)
	quick := newShelf(t, "nhanh", 2).load(t)
	q := long.Surveys[0]
	answered := func(level int) *stage {
		s := newStage(t, long)
		s.touch("")
		for range q.Questions {
			s.touch(fmt.Sprintf("rate:%d", level))
		}
		return s
	}
	// Every group differs, so that the review's cards hold all words.
	mixed := func() *stage {
		s := newStage(t, long)
		s.touch("")
		for i := range q.Questions {
			s.touch(fmt.Sprintf("rate:%d", i%6))
		}
		return s
	}
	paths := map[string]func() *stage{
		"longwhy":    mixed,
		"allwhy":     func() *stage { return answered(1) },
		"review":     func() *stage { s := mixed(); s.touch("send"); return s },
		"reviewgood": func() *stage { return answered(5) },
		"write":      func() *stage { s := answered(5); s.touch("write"); return s },
		"writefull": func() *stage {
			s := answered(5)
			s.touch("write")
			for _, r := range longest(290) {
				s.do(player.Key{Text: string(r)})
			}
			return s
		},
		"writelow": func() *stage { s := newStage(t, quick); s.touch("", "rate:1", "write"); return s },
		"dossier":  func() *stage { s := newDossierStage(t, quick); s.touch(""); return s },
		"dossiertyped": func() *stage {
			s := newDossierStage(t, quick)
			s.touch("")
			s.do(player.Key{Text: "000.00.00.H37-260320-0001"})
			return s
		},
		"dossierwrong": func() *stage {
			s := newDossierStage(t, quick)
			s.touch("")
			s.do(player.Key{Text: "mã"})
			s.do(player.Key{Enter: true})
			return s
		},
		"rated": func() *stage {
			s := newDossierStage(t, quick)
			s.touch("")
			s.do(player.Key{Text: "H37-0001"})
			s.do(player.Key{Enter: true})
			return s
		},
		"desk":     func() *stage { return newDeskStage(t, quick, true) },
		"deskbare": func() *stage { return newDeskStage(t, quick, false) },
		"said": func() *stage {
			s := newStage(t, quick)
			s.do(player.Announced{Text: announced, Until: s.now.Wall + 3_600_000})
			return s
		},
		"saiddesk": func() *stage {
			s := newDeskStage(t, quick, true)
			s.do(player.Announced{Text: announced, Until: s.now.Wall + 3_600_000})
			return s
		},
		"saidclosed": func() *stage {
			s := newStage(t, quick)
			s.close(slides.Closing{URL: "https://dichvucong.gov.vn"}, "07:30", "11:30", "13:30", "17:00")
			s.until("2026-03-20 17:05")
			s.do(player.Announced{Text: announced, Until: s.now.Wall + 3_600_000})
			return s
		},
		"invited": func() *stage {
			s := newDeskStage(t, quick, true)
			s.do(player.Invited{ID: "c1", Ticket: "A012"})
			return s
		},
	}
	for name, c := range map[string]*player.Content{"phonequick": quick, "phonelong": long} {
		paths[name] = func() *stage { s := newDeskStage(t, c, true).reached(); s.touch(""); return s }
	}
	for i := range q.Questions {
		paths[fmt.Sprintf("long%02d", i+1)] = func() *stage {
			s := newStage(t, long)
			s.touch("")
			for range i {
				s.touch("rate:4")
			}
			return s
		}
	}
	for i := range survey.Factors {
		paths[fmt.Sprintf("answers%d", i+1)] = func() *stage {
			s := mixed()
			s.touch("send", fmt.Sprintf("group:%d", i))
			return s
		}
	}
	for i := range q.PartA {
		paths[fmt.Sprintf("about%d", i+1)] = func() *stage {
			s := answered(4)
			s.touch("send")
			for range i {
				s.touch("skip")
			}
			return s
		}
	}
	return paths
}

// newDossierStage is a kiosk that asks for the dossier and knows that H37-0001 has rated.
func newDossierStage(t testing.TB, content *player.Content) *stage {
	s := newStage(t, content)
	place := s.st.Place
	place.Terminal.Dossier = true
	s.do(player.PlaceChanged{Place: place})
	book := dossier.NewBook()
	if err := book.Add("H37-0001", nil, 1); err != nil {
		t.Fatal(err)
	}
	s.do(player.DossiersKnown{Known: book.Known()})
	return s
}

// newDeskStage is a counter's screen.
func newDeskStage(t testing.TB, content *player.Content, officer bool) *stage {
	s := newStage(t, content)
	place := s.st.Place
	place.Terminal.AtDesk = true
	if officer {
		place.Terminal.Officer = &slides.OfficerCard{ID: "cb-1", Name: longest(40), Title: slides.Text{"vi": "Công chức phụ trách lao động, việc làm, an toàn lao động", "en": "Officer for labour, jobs and safety at work"}}
	}
	s.do(player.PlaceChanged{Place: place})
	return s
}

// reached gives the kiosk's server an address that phones reach.
func (s *stage) reached() *stage {
	place := s.st.Place
	place.Terminal.Phone = "https://motcua.langson.gov.vn"
	s.do(player.PlaceChanged{Place: place})
	return s
}
