package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/starter"
)

// staff is a person at the studio: signed in by the link that the server
// prints, working by its forms.
type staff struct {
	url  string
	http *http.Client
}

// signIn uses the one-time link of a server that has no user yet.
func (p *proof) signIn(ctx context.Context, s *serverUp) (*staff, error) {
	if p.server == "" {
		return nil, skipped("needs the server program with its studio (-server)")
	}
	l, err := s.line(ctx, "/studio/setup?token=", 10*time.Second)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(strings.TrimSpace(l))
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	st := &staff{url: s.url, http: &http.Client{
		Jar: jar, Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	const password = "cầu Kỳ Lừa bắc qua sông 7 nhịp"
	_, err = st.post(ctx, "/studio/setup", url.Values{
		"token": {u.Query().Get("token")}, "name": {"Người đo"}, "login": {"nguoi-do"}, "password": {password}, "again": {password},
	})
	return st, err
}

// post sends a form; what it wants is a redirect, whose address it returns.
func (s *staff) post(ctx context.Context, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("POST %s: status %d: %s", path, res.StatusCode, last(said(string(b)), 600))
	}
	return res.Header.Get("Location"), nil
}

var (
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// said is a page's text: what a person would read of it.
func said(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return blanks.ReplaceAllString(tags.ReplaceAllString(page, " "), " ")
}

// get reads a page.
func (s *staff) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d: %s", path, res.StatusCode, last(said(string(b)), 300))
	}
	return b, err
}

// sloganOnScreens is a slogan of the starter content that its playlists show today.
func sloganOnScreens() (*slides.Slide, error) {
	c, err := starter.Load()
	if err != nil {
		return nil, err
	}
	now := slides.At(time.Now())
	for _, l := range c.Playlists {
		for _, it := range l.Items {
			for i := range c.Slides {
				if s := &c.Slides[i]; s.ID == it.Slide && s.Kind == "slogan" && s.From <= now && (s.Until == 0 || s.Until > now) {
					return s, nil
				}
			}
		}
	}
	return nil, errors.New("the starter content shows no slogan today")
}

// edit saves new words on a slogan and returns what the publish page calls it.
func (s *staff) edit(ctx context.Context, sl *slides.Slide, version int, text string) (item string, err error) {
	form := url.Values{
		"do": {"save"}, "base": {fmt.Sprint(version)}, "topic": {string(sl.Topic)}, "audience": {string(sl.Audience)}, "source": {sl.Source},
	}
	for l, t := range sl.Title {
		form.Set("title."+l, t)
	}
	body, err := kinds.Parse(sl)
	if err != nil {
		return "", err
	}
	for l := range body.(*kinds.Slogan).Text {
		form.Set("body.text."+l, text)
	}
	if _, err := s.post(ctx, "/studio/slides/"+sl.ID, form); err != nil {
		return "", err
	}
	page, err := s.get(ctx, "/studio/publish")
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`value="(slide:` + regexp.QuoteMeta(sl.ID) + `:\d+)"`).FindSubmatch(page)
	if m == nil {
		return "", fmt.Errorf("the publish page does not offer %s: %s", sl.ID, last(said(string(page)), 300))
	}
	return string(m[1]), nil
}

// publish presses the button.
func (s *staff) publish(ctx context.Context, item string, now bool) error {
	form := url.Values{"item": {item}, "note": {"motcua-proof"}, "accept": {"on"}}
	if now {
		form.Set("now", "on")
	}
	_, err := s.post(ctx, "/studio/publish", form)
	return err
}
