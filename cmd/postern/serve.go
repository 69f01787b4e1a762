package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // for machines that have no time zones of their own, such as small containers

	"postern/cmd/postern/demo"
	"postern/internal/i18n"
	"postern/store"
	"postern/web"
)

// portalFlags are how the portal can be reached.
type portalFlags struct {
	Listen         string         `help:"Address to listen on." default:"127.0.0.1:8110" placeholder:"ADDR"`
	BaseURL        string         `help:"Where people reach the portal, if not there: behind a proxy, under a path." name:"base-url" placeholder:"URL"`
	Lang           string         `help:"Language of those who chose none in their settings; if not given, the one that their browser asks for." enum:",en,zh-CN" default:"" placeholder:"en|zh-CN"`
	Metrics        bool           `help:"Serve /metrics in the format of Prometheus, at the address to listen on: only to programs on this machine that ask by localhost or 127.0.0.1 and through no proxy. Accounts are numbers there; no names, addresses or servers."`
	TrustedProxies []netip.Prefix `help:"Proxies whose X-Forwarded-For is believed." placeholder:"CIDR"`
	Pprof          string         `help:"Serve Go's profiles at this address, which must be a loopback one (off)." placeholder:"ADDR"`
	tlsFlags
}

type serveCmd struct {
	portalFlags
	Owner             string `help:"Create this owner if there is no user yet." placeholder:"NAME"`
	OwnerPasswordFile string `help:"The owner's password." placeholder:"FILE"`
	ForgetSecrets     bool   `help:"Start although the key file is lost: every account pauses and asks for its password, and two-step sign-in is off."`
	backupFlags
}

func (serveCmd) Help() string {
	return "Example:\n\n    postern serve --data-dir /var/lib/postern --base-url https://example.com/mail"
}

func (c serveCmd) Run(ctx context.Context, p *program) (err error) {
	unlock, err := p.lockDataDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := c.listen()
	if err != nil {
		return err
	}
	defer l.Close()
	p.forget = c.ForgetSecrets
	return p.withNewStore(ctx, func(s *store.Store) error {
		setup, err := c.prepare(ctx, p, s)
		if err != nil {
			return err
		}
		return c.serve(ctx, p, s, l, setup, c.backups(p, s))
	})
}

func (f portalFlags) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", f.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program (or another Postern); choose another address with --listen", f.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; give an address and a port, such as --listen 127.0.0.1:8110", f.Listen, err)
	}
	return l, nil
}

// prepare creates the owner that the settings name, or else a token for the one-time
// setup link, if there is no user yet.
func (c serveCmd) prepare(ctx context.Context, p *program, s *store.Store) (token string, err error) {
	users, err := s.Users(ctx)
	if err != nil || len(users) > 0 {
		return "", err
	}
	if c.Owner == "" {
		return rand.Text(), nil
	}
	if err := web.CheckUserName(c.Owner); err != nil {
		return "", usageError{fmt.Errorf("--owner: %w", err)}
	}
	if c.OwnerPasswordFile == "" {
		return "", usageError{errors.New("--owner needs --owner-password-file")}
	}
	password, err := passwordFrom(c.OwnerPasswordFile)
	if err != nil {
		return "", err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return "", fmt.Errorf("owner's password: %w", err)
	}
	_, err = s.AddFirstOwner(ctx, c.Owner, hash)
	return "", err
}

// Time that the parts of the program get to end.
const (
	httpGrace    = 3 * time.Second
	housekeeping = time.Hour
)

// memoryGoal is where the garbage collector begins to work harder: with many accounts
// syncing, most of what Go would let the heap grow to is garbage. GOMEMLIMIT says otherwise.
const memoryGoal = 56 << 20

// serve runs portal, worker, indexer and housekeeping until ctx ends, then ends them in
// order: no more requests, no more sessions, and last the store.
func (f portalFlags) serve(ctx context.Context, p *program, s *store.Store, l net.Listener, setup string, parts ...func(context.Context) error) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	cert, err := f.certificate(p.log)
	if err != nil {
		return err
	}
	profiles, err := profiler(f.Pprof)
	if err != nil {
		return err
	}
	attachments, err := p.attachmentReader()
	if err != nil {
		return err
	}
	reading := func(ctx context.Context) error { return s.RunAttachments(ctx, attachments) }
	hub := web.NewHub()
	watching := observers{hub}
	var figures http.Handler
	if f.Metrics {
		m := newMetrics(s, p.log)
		watching, figures = append(watching, m), m.handler()
	}
	worker := p.worker(s, watching)
	dir, err := filepath.Abs(p.DataDir)
	if err != nil {
		return err
	}
	opt := web.Options{
		Store: s, Worker: worker, Prober: prober{worker.Connect}, Hub: hub, Log: p.log,
		BaseURL: f.BaseURL, TrustedProxies: f.TrustedProxies, SetupToken: setup, Version: version, DataDir: dir, Metrics: figures, Language: i18n.Named(f.Lang), HSTS: f.HSTS,
	}
	if p.demo {
		opt.Web, opt.Notice = demo.Web{}, i18n.Say(demoNotice, demoUser, demoPassword)
	} else {
		opt.Finder = newFinder(p.AllowPrivateHosts)
	}
	portal, err := web.New(opt)
	if err != nil {
		return usageError{err}
	}
	f.announce(p, l, setup)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for _, part := range append(parts, profiles, worker.Run, s.RunIndexer, reading, p.housekeeper(s)) {
		running.Go(func() {
			if err := part(background); err != nil {
				p.log.Error("background work ended", "err", err)
			}
		})
	}
	err = serveHTTP(ctx, l, cert, portal)
	stop()
	running.Wait()
	return err
}

// serveHTTP answers requests until ctx ends.
func serveHTTP(ctx context.Context, l net.Listener, cert *certificate, portal *web.Server) error {
	srv := &http.Server{
		Handler:           portal.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	srv.RegisterOnShutdown(portal.Close) // event streams would hold up the end
	failed := make(chan error, 1)
	go func() {
		if cert == nil {
			failed <- srv.Serve(l)
			return
		}
		srv.TLSConfig = cert.config()
		failed <- srv.ServeTLS(l, "", "")
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), httpGrace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		return srv.Close()
	}
	return nil
}

// announce tells where to go.
func (f portalFlags) announce(p *program, l net.Listener, setup string) {
	base := f.base(l)
	if setup != "" {
		fmt.Fprintf(p.out, "Set it up here (the link works once): %s/setup?token=%s\n", base, url.QueryEscape(setup))
	}
	fmt.Fprintf(p.out, "Postern listens on %s\n", base)
	if addr, ok := l.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() && f.BaseURL == "" && f.TLSCert == "" {
		p.log.Warn("other machines can reach this address, and nothing on it is encrypted", "hint", "give a certificate with --tls-cert and --tls-key, or put a proxy with TLS in front and name it with --base-url")
	}
}

// base is the address that people open, without a slash at its end.
func (f portalFlags) base(l net.Listener) string {
	if f.BaseURL != "" {
		for len(f.BaseURL) > 0 && f.BaseURL[len(f.BaseURL)-1] == '/' {
			f.BaseURL = f.BaseURL[:len(f.BaseURL)-1]
		}
		return f.BaseURL
	}
	addr := l.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	scheme := "http://"
	if f.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// housekeeper tidies the store now and then.
func (p *program) housekeeper(s *store.Store) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(housekeeping)
		defer tick.Stop()
		for {
			if err := s.Housekeep(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("housekeeping", "err", err)
			}
			debug.FreeOSMemory() // what the start and this took
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			case <-s.Removals():
			}
		}
	}
}
