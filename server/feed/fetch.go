package feed

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/mmcdole/gofeed"

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
)

// Limits of an answer.
const (
	maxBody  = 2 << 20 // a portal's feed with whole articles in it has 300 KiB
	maxItems = 100
	maxLink  = 300 // a code with more is too dense to scan
)

// asked is a source's answer.
type asked struct {
	same           bool // nothing is new
	etag, modified string
	items          []store.FeedItem
	wait           time.Duration // the source asks not to be asked before, 0: it says nothing
}

// fetch asks a feed. Every error has a sentence.
func (r *Room) fetch(ctx context.Context, f store.Feed) (a asked, err error) {
	const op = "feed.fetch"
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return a, slides.E(slides.Invalid, op, "Địa chỉ nguồn tin không đúng.", "The feed's address is not valid.", err)
	}
	q.Header.Set("User-Agent", "MotCua/1 (+feed)")
	q.Header.Set("Accept", "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1")
	if f.ETag != "" {
		q.Header.Set("If-None-Match", f.ETag)
	}
	if f.Modified != "" {
		q.Header.Set("If-Modified-Since", f.Modified)
	}
	res, err := r.client.Do(q)
	if err != nil {
		return a, unreached(err)
	}
	defer res.Body.Close()
	a.etag, a.modified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		a.wait = min(time.Duration(s)*time.Second, maxWait)
	}
	switch {
	case res.StatusCode == http.StatusNotModified:
		a.same, a.etag, a.modified = true, f.ETag, f.Modified
		return a, nil
	case res.StatusCode != http.StatusOK:
		return a, slides.E(slides.Broken, op, fmt.Sprintf("Nguồn tin trả lời lỗi %d; hãy mở địa chỉ bằng trình duyệt để kiểm tra.", res.StatusCode), fmt.Sprintf("The feed answers with error %d; open its address in a browser.", res.StatusCode), nil)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return a, unreached(err)
	}
	if len(b) > maxBody {
		return a, slides.E(slides.TooLarge, op, fmt.Sprintf("Nguồn tin lớn hơn %d MiB.", maxBody>>20), fmt.Sprintf("The feed is over %d MiB.", maxBody>>20), nil)
	}
	a.items, err = read(b, res.Request.URL)
	return a, err
}

// unreached says why a source did not answer.
func unreached(err error) error {
	const op = "feed.fetch"
	if e, ok := errors.AsType[*slides.Error](err); ok {
		return e
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var host x509.HostnameError
	switch {
	case errors.Is(err, limits.ErrNotPublic):
		return slides.E(slides.Denied, op, "Địa chỉ này dẫn vào mạng nội bộ nên không được phép; chỉ dùng nguồn tin trên Internet.", "This address leads into a private network, which is not allowed; use a feed of the internet.", err)
	case errors.Is(err, context.DeadlineExceeded):
		return slides.E(slides.Broken, op, fmt.Sprintf("Nguồn tin không trả lời trong %.0f giây.", within.Seconds()), fmt.Sprintf("The feed did not answer within %.0f seconds.", within.Seconds()), err)
	case errors.As(err, &dns):
		return slides.E(slides.Broken, op, "Không tìm thấy máy chủ của nguồn tin; hãy kiểm tra tên miền.", "The feed's server can't be found; check its name.", err)
	case errors.As(err, &cert), errors.As(err, &host):
		return slides.E(slides.Broken, op, "Chứng thư bảo mật của nguồn tin không hợp lệ; hãy báo cho nơi quản lý cổng.", "The feed's certificate is not valid; tell those who run the portal.", err)
	}
	return slides.E(slides.Broken, op, "Không kết nối được tới nguồn tin; sẽ tự thử lại.", "The feed can't be reached; it will be tried again.", err)
}

// plain lets no tag through.
var plain = bluemonday.StrictPolicy().AddSpaceWhenStrippingTag(true)

// text is what a piece of HTML says, on one line, as it is stored. Escapes are
// resolved twice, as feeds write them twice; tags that come out by that go too.
func text(s string) string {
	for range 2 {
		s = html.UnescapeString(plain.Sanitize(s))
	}
	s = html.UnescapeString(plain.Sanitize(s))
	return strings.TrimSpace(strings.Join(strings.Fields(slides.Clean(strings.ToValidUTF8(s, ""))), " "))
}

// read parses a feed. What is in it was written by strangers: all of it becomes
// plain text, and a parser that panics harms nothing.
func read(b []byte, base *url.URL) (items []store.FeedItem, err error) {
	const op = "feed.read"
	unreadable := func(cause error) error {
		return slides.E(slides.Invalid, op, "Địa chỉ này không phải là nguồn tin RSS hoặc Atom; hãy tìm biểu tượng RSS trên cổng.", "This address is no RSS or Atom feed; look for the RSS sign on the portal.", cause)
	}
	defer func() {
		if x := recover(); x != nil {
			items, err = nil, unreadable(fmt.Errorf("the parser panicked: %v", x))
		}
	}()
	p, err := gofeed.NewParser().Parse(bytes.NewReader(b))
	if err != nil {
		return nil, unreadable(err)
	}
	for _, x := range p.Items[:min(len(p.Items), maxItems)] {
		i := store.FeedItem{Title: text(x.Title), Link: link(x.Link, base)}
		if i.Summary = text(x.Description); i.Summary == "" {
			i.Summary = text(x.Content)
		}
		if i.Summary == i.Title {
			i.Summary = ""
		}
		if i.Title == "" {
			i.Title, i.Summary = i.Summary, ""
		}
		if i.Title == "" {
			continue
		}
		i.Title, i.Summary = clip(i.Title, 500), clip(i.Summary, 2000)
		switch {
		case x.PublishedParsed != nil:
			i.Published = moment(*x.PublishedParsed)
		case x.UpdatedParsed != nil:
			i.Published = moment(*x.UpdatedParsed)
		}
		if i.GUID = x.GUID; i.GUID == "" {
			i.GUID = x.Link
		}
		if i.GUID == "" {
			i.GUID = i.Title
		}
		items = append(items, i)
	}
	return items, nil
}

// moment is a time that a source tells, 0 where it can't be.
func moment(t time.Time) slides.Millis {
	if t.Year() < 1990 || t.Year() > 2200 {
		return 0
	}
	return slides.At(t)
}

// clip cuts to n runes.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// link is an item's address, whole; "" for what no browser should open.
func link(s string, base *url.URL) string {
	u, err := base.Parse(strings.TrimSpace(s))
	if err != nil || s == "" || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	u.Fragment = ""
	if out := u.String(); len(out) <= maxLink {
		return out
	}
	return ""
}
