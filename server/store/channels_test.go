package store

import (
	"context"
	"testing"

	"motcua/slides"
)

// A unit's channels hold there and below, until a unit below has its own; what no
// screen may show is refused, and nobody overwrites what they have not seen.
func TestChannels(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	zalo := Channel{ChannelZalo, slides.Vi("Zalo của Sở"), "https://dichvucong.gov.vn/zalo"}
	page := Channel{ChannelFacebook, slides.Vi("Trang của Sở"), "https://dichvucong.gov.vn/fb"}
	for name, list := range map[string][]Channel{
		"host":    {{ChannelZalo, slides.Vi("Zalo"), "https://evil.example/"}},
		"no name": {{ChannelZalo, nil, zalo.URL}},
		"kind":    {{"tiktok", slides.Vi("x"), zalo.URL}},
		"twice":   {zalo, zalo},
		"five":    {zalo, page, {ChannelOther, slides.Vi("a"), zalo.URL + "1"}, {ChannelOther, slides.Vi("a"), zalo.URL + "2"}, {ChannelOther, slides.Vi("a"), zalo.URL + "3"}},
	} {
		if err := s.SaveChannels(ctx, editor, "so", nil, list); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	ok(t, s.SaveChannels(ctx, editor, "so", nil, []Channel{zalo, page}))
	holds := func(unit string, own int, want ...Channel) {
		t.Helper()
		o, h, err := s.Channels(ctx, unit)
		ok(t, err)
		if len(o) != own || toJSON(h) != toJSON(want) && len(h)+len(want) > 0 {
			t.Errorf("%s: own %+v, holds %+v", unit, o, h)
		}
	}
	holds("tinh", 0)
	holds("so-khac", 0)
	holds("so", 2, zalo, page)
	holds("mot-cua", 0, zalo, page)
	if err := s.SaveChannels(ctx, editor, "so", nil, []Channel{page}); slides.KindOf(err) != slides.Conflict {
		t.Errorf("saved over what was not seen: %v", err)
	}
	own := Channel{ChannelPortal, slides.Vi("Cổng"), "https://dichvucong.gov.vn/"}
	ok(t, s.SaveChannels(ctx, editor, "mot-cua", nil, []Channel{own}))
	holds("mot-cua", 1, own)
	ok(t, s.SaveChannels(ctx, editor, "mot-cua", []Channel{own}, nil))
	holds("mot-cua", 0, zalo, page)
}
