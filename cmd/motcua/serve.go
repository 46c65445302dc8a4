package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"motcua/server/alert"
	"motcua/server/api"
	"motcua/server/auth"
	"motcua/server/citizen"
	"motcua/server/feed"
	"motcua/server/hook"
	"motcua/server/hub"
	"motcua/server/media"
	"motcua/server/store"
	"motcua/server/studio"
	"motcua/slides"
)

// serveOptions are the server's flags.
type serveOptions struct {
	addr, data, public                       string
	cert, key                                string
	selfTLS                                  bool
	hookPrivate                              bool
	proxies                                  string
	metrics                                  string
	level                                    string
	json                                     bool
	ssoIssuer, ssoClient, ssoSecret, ssoName string
	smtp                                     alert.SMTP
}

func (o *serveOptions) register(fs *flag.FlagSet) {
	fs.StringVar(&o.addr, "addr", ":8080", "địa chỉ lắng nghe / address to listen on")
	fs.StringVar(&o.data, "data", ".data", "thư mục dữ liệu / data folder")
	fs.StringVar(&o.public, "public", "", "địa chỉ máy chủ mà ki-ốt và điện thoại nhìn thấy, ví dụ https://motcua.example.gov.vn / address as kiosks and phones see it")
	fs.StringVar(&o.cert, "tls-cert", "", "tệp chứng thư TLS (PEM) / TLS certificate file")
	fs.StringVar(&o.key, "tls-key", "", "tệp khóa TLS (PEM) / TLS key file")
	fs.BoolVar(&o.selfTLS, "tls-self", false, "TLS bằng chứng thư tự tạo, ki-ốt ghim khi ghép nối / TLS with a self-made certificate that kiosks pin at pairing")
	fs.StringVar(&o.proxies, "proxies", "", "địa chỉ proxy được tin, ví dụ 127.0.0.1,10.0.0.0/8 / proxies whose X-Forwarded-For is believed; with TLS in the proxy give -public https://…")
	fs.StringVar(&o.ssoIssuer, "oidc-issuer", "", "đăng nhập một lần: địa chỉ của nhà cung cấp OpenID Connect; cần -public / single sign-on: the OpenID Connect issuer; needs -public")
	fs.StringVar(&o.ssoClient, "oidc-client", "", "mã ứng dụng ở nhà cung cấp; địa chỉ trả về là PUBLIC/studio/sign-in/sso/return / client id there; its redirect address is PUBLIC/studio/sign-in/sso/return")
	fs.StringVar(&o.ssoSecret, "oidc-secret", "", "mật khẩu ứng dụng; nên đặt bằng biến môi trường / client secret; better as a variable")
	fs.StringVar(&o.ssoName, "oidc-name", "SSO", "tên hiện trên nút đăng nhập / what the sign-in button calls it")
	fs.BoolVar(&o.hookPrivate, "hook-private", false, "cho webhook gọi tới địa chỉ trong mạng nội bộ / webhooks may call addresses of the inner network")
	fs.StringVar(&o.smtp.Addr, "smtp", "", "máy chủ gửi thư cảnh báo, ví dụ mail.example.gov.vn:587 / mail server for alerts")
	fs.StringVar(&o.smtp.Security, "smtp-security", "starttls", "starttls, tls (cổng 465) hoặc none / starttls, tls (port 465) or none")
	fs.StringVar(&o.smtp.From, "smtp-from", "", "địa chỉ gửi thư / the address that mails come from")
	fs.StringVar(&o.smtp.User, "smtp-user", "", "tài khoản gửi thư; trống: không đăng nhập / account; empty: no sign-in")
	fs.StringVar(&o.smtp.PasswordFile, "smtp-password-file", "", "tệp chứa mật khẩu của tài khoản gửi thư / file with the account's password")
	fs.StringVar(&o.metrics, "metrics", "local", "ai đọc được /metrics: local (máy này và mạng nội bộ), all, off / who may read /metrics")
	fs.StringVar(&o.level, "log", "info", "mức nhật ký: debug, info, warn, error / log level")
	fs.BoolVar(&o.json, "log-json", false, "nhật ký dạng JSON / log as JSON")
}

func (o *serveOptions) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.level)); err != nil {
		return nil, slides.E(slides.Invalid, "serve", fmt.Sprintf("Mức nhật ký -log=%q không có; dùng debug, info, warn hoặc error.", o.level),
			fmt.Sprintf("There is no log level -log=%q; use debug, info, warn or error.", o.level), nil)
	}
	ho := &slog.HandlerOptions{Level: level}
	if o.json {
		return slog.New(slog.NewJSONHandler(w, ho)), nil
	}
	return slog.New(slog.NewTextHandler(w, ho)), nil
}

var serveCommand = command{
	name: "serve", args: "[-addr :8080] [-data DIR]",
	vi: "chạy máy chủ", en: "runs the server",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		var o serveOptions
		o.register(fs)
		return func(ctx context.Context, rest []string, stdout, stderr io.Writer) error {
			if err := needArgs(rest, 0, "motcua serve [-addr :8080] [-data DIR]"); err != nil {
				return err
			}
			log, err := o.logger(stderr)
			if err != nil {
				return err
			}
			s, err := open(ctx, o, log)
			if err != nil {
				return err
			}
			defer s.close()
			fmt.Fprintf(stdout, "Studio: %s/studio/\n", s.url)
			if err := s.printSetup(ctx, stdout); err != nil {
				return err
			}
			return s.run(ctx)
		}
	},
}

// server is the composition of one server process.
type server struct {
	store *store.Store
	hub   *hub.Hub
	hooks *hook.Sender
	guard *auth.Guard
	alert *alert.Watch
	media *media.Room
	http  *http.Server
	lis   net.Listener
	url   string // for a browser on this machine, or -public
	log   *slog.Logger
	tls   bool
}

// open makes everything and takes the port, but serves nothing yet.
func open(ctx context.Context, o serveOptions, log *slog.Logger) (s *server, err error) {
	trusted, err := parseProxies(o.proxies)
	if err != nil {
		return nil, err
	}
	if o.public, err = cleanPublic(o.public); err != nil {
		return nil, err
	}
	if o.metrics != "local" && o.metrics != "all" && o.metrics != "off" {
		return nil, slides.E(slides.Invalid, "serve", fmt.Sprintf("-metrics=%q không có; dùng local, all hoặc off.", o.metrics), fmt.Sprintf("There is no -metrics=%q; use local, all or off.", o.metrics), nil)
	}
	if o.ssoIssuer != "" && (o.public == "" || o.ssoClient == "") {
		return nil, slides.E(slides.Invalid, "serve", "-oidc-issuer cần thêm -oidc-client và -public (địa chỉ mà nhà cung cấp gửi trình duyệt về).",
			"-oidc-issuer needs -oidc-client and -public, the address that the provider sends browsers back to.", nil)
	}
	mailer, err := alert.NewMailer(o.smtp)
	if err != nil {
		return nil, err
	}
	lis, err := listen(o.addr)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(o.data, store.Options{Log: log, MayPublish: auth.MayPublish})
	if err != nil {
		lis.Close()
		return nil, err
	}
	s = &server{store: st, lis: lis, log: log}
	defer func() {
		if err != nil {
			s.close()
			s = nil
		}
	}()
	cfg, pin, err := tlsConfig(ctx, st, o)
	if err != nil {
		return s, err
	}
	s.tls = cfg != nil
	if strings.HasPrefix(o.public, "https://") && !s.tls && len(trusted) == 0 {
		log.Warn("TLS is in a proxy but -proxies names none: all visitors share the limits of its address; name it, as in -proxies 127.0.0.1", "public", o.public)
	}
	s.url = o.public
	if s.url == "" {
		s.url = localURL(lis.Addr(), s.tls)
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.hub = hub.New(st, hub.Options{Log: log, Public: o.public, Pin: pin, Metrics: hub.NewMetrics(reg)})
	if s.guard, err = auth.NewGuard(st, nil, log); err != nil {
		return s, err
	}
	if s.media, err = media.New(st, log, studio.UploadsPath); err != nil {
		return s, err
	}
	s.alert = alert.New(st, alert.Options{Mail: mailer, Public: o.public, Log: log})
	deps := studio.Deps{
		Mails: mailer != nil,
		Store: st, Guard: s.guard, Media: s.media, Log: log, ClientAddr: trusted.client, Public: o.public,
		Secure: strings.HasPrefix(o.public, "https://"),
	}
	if o.ssoIssuer != "" {
		deps.OIDC = &auth.OIDC{Issuer: o.ssoIssuer, Client: o.ssoClient, Secret: o.ssoSecret, Name: o.ssoName}
	}
	pages, err := studio.New(deps)
	if err != nil {
		return s, err
	}
	phones, err := citizen.New(st, log)
	if err != nil {
		return s, err
	}
	mux := http.NewServeMux()
	s.hub.Register(mux)
	mux.Handle("/api/", api.New(st, log, trusted.client, pages.Review))
	s.hooks = hook.New(st, hook.Options{Log: log, Private: o.hookPrivate})
	phones.Register(mux)
	mux.Handle("/", pages)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	if o.metrics != "off" {
		h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
		mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
			if o.metrics == "local" && !local(r.RemoteAddr) {
				http.Error(w, "-metrics=local", http.StatusForbidden)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	s.http = &http.Server{
		Handler: trusted.unveil(mux), TLSConfig: cfg, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// Slow senders and readers must not hold connections; bodies have their own
		// limits. A 10 MB picture over a 1 Mbit/s line takes 80 s; an export of
		// millions of ratings minutes. A socket's own deadlines begin at its upgrade.
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 3 * time.Minute, WriteTimeout: 15 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	s.http.RegisterOnShutdown(s.hub.Drain)
	return s, nil
}

// run serves until ctx ends, then stops gracefully: no new requests, kiosks
// asked to come back later, everything accepted committed.
func (s *server) run(ctx context.Context) error {
	// The store's writer outlives the sessions: they wait for its commits.
	storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStore()
	storeDone := make(chan error, 1)
	go func() { storeDone <- s.store.Run(storeCtx) }()

	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.hub.Run(gctx) })
	g.Go(func() error { return s.hooks.Run(gctx) })
	g.Go(func() error { return s.media.Run(gctx) })
	g.Go(func() error { return s.alert.Run(gctx) })
	g.Go(func() error { return feed.New(s.store, feed.Options{Log: s.log}).Run(gctx) })
	g.Go(func() error {
		var err error
		if s.tls {
			err = s.http.ServeTLS(s.lis, "", "")
		} else {
			err = s.http.Serve(s.lis)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	})
	g.Go(func() error {
		<-gctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(gctx), 15*time.Second)
		defer cancel()
		return s.http.Shutdown(stop)
	})
	g.Go(func() error {
		select {
		case err := <-storeDone:
			storeDone <- err
			if err == nil && gctx.Err() == nil {
				err = errors.New("serve: the store stopped")
			}
			return err
		case <-gctx.Done():
			return nil
		}
	})
	g.Go(func() error { return s.tidy(gctx) })
	s.log.Info("serving", "addr", s.lis.Addr().String(), "url", s.url, "epoch", s.store.Epoch())
	err := g.Wait()
	stopStore()
	return errors.Join(err, <-storeDone)
}

// tidy forgets what has had its time, hourly.
func (s *server) tidy(ctx context.Context) error {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if err := s.store.Tidy(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("tidying", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (s *server) close() {
	s.lis.Close()
	if err := s.store.Close(); err != nil {
		s.log.Error("closing the store", "err", err)
	}
}

func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Ping(r.Context()); err != nil {
		s.log.Error("not ready", "err", err)
		http.Error(w, slides.Sentence(err, "en"), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "ok %d kiosks\n", s.hub.Connected())
}

// printSetup prints the one-time link of the first sign-in while there is no user.
func (s *server) printSetup(ctx context.Context, out io.Writer) error {
	token, err := s.guard.NewSetup(ctx)
	if err != nil || token == "" {
		return err
	}
	fmt.Fprintf(out, "Đăng nhập lần đầu (dùng một lần) / First sign-in (once):\n  %s/studio/setup?token=%s\n", s.url, url.QueryEscape(token))
	return nil
}

// listen takes the port, or says in a sentence who has it.
func listen(addr string) (net.Listener, error) {
	lis, err := net.Listen("tcp", addr)
	if err == nil {
		return lis, nil
	}
	if isInUse(err) {
		return nil, slides.E(slides.Conflict, "serve",
			fmt.Sprintf("Cổng %s đang được chương trình khác dùng; chọn cổng khác, ví dụ -addr :8090 (make run PORT=8090).", addr),
			fmt.Sprintf("%s is in use by another program; choose another port, as in -addr :8090 (make run PORT=8090).", addr), nil)
	}
	return nil, slides.E(slides.Invalid, "serve", fmt.Sprintf("Không mở được địa chỉ %q; viết như :8080 hoặc 127.0.0.1:8080.", addr),
		fmt.Sprintf("The address %q can't be opened; write it like :8080 or 127.0.0.1:8080.", addr), err)
}

// localURL is how a browser on this machine reaches the listener.
func localURL(a net.Addr, tls bool) string {
	scheme := "http"
	if tls {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return scheme + "://" + a.String()
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func cleanPublic(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return "", slides.E(slides.Invalid, "serve", fmt.Sprintf("-public=%q không hợp lệ; viết như https://motcua.example.gov.vn.", s),
			fmt.Sprintf("-public=%q is not valid; write it like https://motcua.example.gov.vn.", s), err)
	}
	return u.Scheme + "://" + u.Host, nil
}
