package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"postern/internal/autoconfig"
	"postern/internal/i18n"
	"postern/internal/remoteimage"
	"postern/internal/sanitize"
	"postern/internal/seal"
	"postern/static"
	"postern/store"
	"postern/templates"
)

// Worker is what the portal asks of the background worker. Its methods return at once.
type Worker interface {
	// Wake makes the worker look for accounts that are due.
	Wake()
	// Stop ends the session of an account and tells whether there was one.
	Stop(account store.AccountID) bool
}

// Prober tries the settings of an account: connect, log in, look, quit. It changes nothing on the server.
type Prober interface {
	Probe(ctx context.Context, user store.User, settings store.Settings, password seal.Secret) ProbeResult
}

// Finder finds the POP3 settings of a mailbox by its e-mail address, as package autoconfig does.
type Finder interface {
	Find(ctx context.Context, user store.User, address string) (autoconfig.Found, error)
}

// ProbeResult is what a trial came to, in plain words.
type ProbeResult struct {
	OK      bool
	Summary string // "It works: 8,310 messages, 1.2 GB."
	Advice  string // what to do about it; "" for nothing
	Facts   []ProbeFact
	Refused store.Fingerprint // of the certificate for which there was no connection; zero: it was not that
}

// ProbeFact is one thing found out.
type ProbeFact struct {
	Name  string // "TLS"
	Value string // "TLS 1.3, certificate valid until 3 March 2027"
	Tone  templates.Tone
}

// Options for [New]. Store, Worker and Prober must be set.
type Options struct {
	Store  *store.Store
	Worker Worker
	Prober Prober
	Finder Finder       // nil: the table of providers alone, without the network
	Hub    *Hub         // nil: one of its own, which no worker reports to
	Log    *slog.Logger // nil: discarded

	Web    http.RoundTripper // answers for the hosts of remote images and of lists that are left; nil: these hosts do
	Notice i18n.Text         // on the sign-in page

	BaseURL        string         // where people reach the portal, "https://example.com/mail"; "": wherever they come
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	SetupToken     string         // what the one-time setup link carries; "": there is no such link
	DataDir        string         // named to owners, for commands; "": it is not
	Version        string         // named on error pages, for bug reports
	Language       *i18n.Language // of all who chose none; nil: the one their browser asks for
	HSTS           bool           // over TLS, tell browsers to come by TLS only
	Metrics        http.Handler   // answers /metrics, to programs on this machine; nil: there is no such page
}

// Server is the portal. Its handler may be used by any number of requests at once.
type Server struct {
	store       *store.Store
	worker      Worker
	prober      Prober
	finder      Finder
	hub         *Hub
	log         *slog.Logger
	address     publicAddress
	trusted     []netip.Prefix
	token       string
	version     string
	hsts        bool
	language    *i18n.Language
	now         func() time.Time
	sessions    *sessionStore
	throttle    *throttle // of passwords
	codes       *throttle // of second factors
	tickets     *tickets
	drafts      *drafts
	ready       readiness
	probes      places        // for trials of a connection
	exports     places        // for downloads of whole lists
	leaving     places        // for lists that are asked to let go of somebody
	owned       atomic.Bool   // there is a user: setup is over
	patience    time.Duration // for a browser to take what an event stream writes
	images      *remoteimage.Fetcher
	thumbs      chan struct{}                                           // one place: a thumbnail that is being drawn
	cleaned     cleaned                                                 // HTML that a page's frame will ask for
	unsubscribe func(ctx context.Context, address string) error         // at a list, by an address of its own
	imageKey    []byte                                                  // signs the addresses of the image proxy
	sanitize    func(html string, opt sanitize.Options) sanitize.Result // tests take it away, to see that the other layers hold
	dataDir     string                                                  // named to owners
	notice      i18n.Text                                               // on the sign-in page
	handler     http.Handler
	figures     http.Handler // for /metrics; nil: none
}

// How many trials of a connection run at once.
const (
	maxProbes  = 8
	userProbes = 2 // for one user
)

// New makes the portal. It does no I/O; the error says what is wrong with the options.
func New(opt Options) (*Server, error) {
	if opt.Store == nil || opt.Worker == nil || opt.Prober == nil {
		return nil, errors.New("web: store, worker and prober must be given")
	}
	address, err := parseBaseURL(opt.BaseURL)
	if err != nil {
		return nil, err
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Hub == nil {
		opt.Hub = NewHub()
	}
	if opt.Finder == nil {
		opt.Finder = tableFinder{}
	}
	s := &Server{
		store: opt.Store, worker: opt.Worker, prober: opt.Prober, finder: opt.Finder, hub: opt.Hub, log: opt.Log,
		address: address, trusted: opt.TrustedProxies, token: opt.SetupToken, version: opt.Version, notice: opt.Notice, dataDir: opt.DataDir, hsts: opt.HSTS, language: opt.Language, figures: opt.Metrics, now: opt.Store.Now,
		sessions: &sessionStore{store: opt.Store, address: address, now: opt.Store.Now},
		throttle: newThrottle(opt.Store.Now, nameDelay),
		codes:    newThrottle(opt.Store.Now, codeDelay),
		tickets:  newTickets(opt.Store.Now),
		drafts:   newDrafts(opt.Store.Now),
		probes:   places{all: maxProbes, each: userProbes},
		exports:  places{all: maxExports, each: userExports},
		leaving:  places{all: maxLeaving, each: userLeaving},
		patience: 10 * time.Second,
		images:   newImages(opt.Web), imageKey: newImageKey(),
		thumbs:      make(chan struct{}, 1),
		unsubscribe: newLeave(opt.Web),
		sanitize:    sanitize.HTML,
	}
	s.handler, err = s.protected(s.routes())
	return s, err
}

// Handler answers every request to the portal.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the event streams, which would otherwise hold up the end of the HTTP server. Register it with
// http.Server.RegisterOnShutdown.
func (s *Server) Close() {
	s.hub.Close()
	s.images.Close()
}

// protected puts before the routes what holds for all of them.
func (s *Server) protected(routes http.Handler) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if origin := s.address.origin(); origin != "" {
		if err := cross.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	cross.SetDenyHandler(s.handle(func(http.ResponseWriter, *http.Request) error {
		return &pageError{code: http.StatusForbidden, title: "This came from another site", text: "Postern takes forms only from its own pages. If this is your own portal behind a proxy, its base URL may be set wrongly."}
	}))
	h := s.limitBodies(routes)
	h = cross.Handler(h)
	h = s.belowBase(h)
	h = s.meant(h)
	h = s.withHeaders(h)
	h = s.limitTime(h)
	h = s.localized(h)
	return numbered(h), nil
}

// meant refuses requests for another host, when it is known what this one is called. Health checks ask by address.
func (s *Server) meant(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if !s.address.fits(r) && !isHealthCheck(r.URL.Path) {
			return &pageError{code: http.StatusMisdirectedRequest, title: "Postern is not reached by this name", text: "Its address is %s.", args: []any{s.address.origin() + s.address.path + "/"}}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

func isHealthCheck(path string) bool {
	return path == "/livez" || path == "/readyz" || path == "/metrics"
}

// belowBase takes the base path from the front of each path. The routes know nothing of it, and write it nowhere but
// in render and redirect.
func (s *Server) belowBase(next http.Handler) http.Handler {
	base := s.address.path
	if base == "" {
		return next
	}
	below := http.StripPrefix(base, next)
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case strings.HasPrefix(r.URL.Path, base+"/"):
			below.ServeHTTP(w, r)
		case isHealthCheck(r.URL.Path):
			next.ServeHTTP(w, r)
		case r.URL.Path == base || r.URL.Path == "/":
			s.redirect(w, "/")
		default:
			return noPage
		}
		return nil
	})
}

// routes is the whole portal at a glance.
func (s *Server) routes() http.Handler {
	m := chi.NewRouter()
	m.Use(middleware.GetHead)
	m.NotFound(s.handle(func(http.ResponseWriter, *http.Request) error { return noPage }))
	m.MethodNotAllowed(s.handle(func(http.ResponseWriter, *http.Request) error {
		return &pageError{code: http.StatusMethodNotAllowed, title: "That cannot be done this way", text: "Go back and use the button on the page."}
	}))

	// For everyone: is it alive, its style and script.
	m.Get("/livez", s.livez)
	m.Get("/readyz", s.handle(s.readyz))
	if s.figures != nil {
		m.Get("/metrics", s.handle(s.metrics))
	}
	m.Handle("/static/*", static.Handler())
	m.Get("/favicon.svg", static.Favicon)
	m.Get("/favicon.ico", s.icon) // asked for where no page names an icon: a tab with an attachment in it
	m.Get("/manifest.webmanifest", s.handle(s.webManifest))

	// For the sandboxed frames of mail, which send no cookies: what counts is the signature.
	m.Get("/images/{token}", s.handle(s.image))

	// The first minute, and the door.
	m.Get("/setup", s.handle(s.setupForm))
	m.Post("/setup", s.handle(s.setup))
	m.Get("/login", s.handle(s.loginForm))
	m.Post("/login", s.handle(s.login))
	m.Post("/login/code", s.handle(s.loginCode))
	m.Post("/logout", s.handle(s.logout))

	// Everything else is for people who are signed in.
	m.Get("/", s.visitor(s.home))
	m.Get("/mail/{box}", s.visitor(s.mailbox))
	m.Get("/mail/label/*", s.visitor(s.mailbox))
	m.Get("/export", s.visitor(s.export))

	m.Get("/messages/{id}", s.visitor(s.message))
	m.Get("/messages/{id}/body", s.visitor(s.body))
	m.Get("/messages/{id}/print", s.visitor(s.print))
	m.Get("/messages/{id}/enclosed/{path}", s.visitor(s.enclosedMessage))
	m.Get("/messages/{id}/enclosed/{path}/body", s.visitor(s.enclosedBody))
	m.Get("/messages/{id}/raw", s.visitor(s.raw))
	m.Get("/messages/{id}/source", s.visitor(s.source))
	m.Get("/messages/{id}/parts/{path}", s.visitor(s.part))
	m.Get("/messages/{id}/parts/{path}/thumbnail", s.visitor(s.thumbnail))
	m.Get("/messages/{id}/attachments.zip", s.visitor(s.attachmentsZip))
	m.Post("/messages/{id}/view", s.visitor(s.changeView))
	m.Get("/messages/{id}/unsubscribe", s.visitor(s.askLeave))
	m.Post("/messages/{id}/unsubscribe", s.visitor(s.leave))
	m.Post("/messages/actions", s.visitor(s.act))
	m.Post("/undo", s.visitor(s.undo))

	m.Get("/accounts", s.visitor(s.accounts))
	m.Post("/accounts", s.visitor(s.createAccount))
	m.Get("/accounts/new", s.visitor(s.newAccount))
	m.Post("/accounts/find", s.visitor(s.findAccount))
	m.Post("/accounts/test", s.visitor(s.testAccount))
	m.Post("/accounts/sync", s.visitor(s.checkNow))
	m.Get("/accounts/{id}", s.visitor(s.account))
	m.Post("/accounts/{id}", s.visitor(s.updateAccount))
	m.Get("/accounts/{id}/edit", s.visitor(s.editAccount))
	m.Post("/accounts/{id}/sync", s.visitor(s.syncAccount))
	m.Post("/accounts/{id}/stop", s.visitor(s.stopAccount))
	m.Post("/accounts/{id}/forget-certificate", s.visitor(s.forgetCertificate))
	m.Get("/accounts/{id}/sessions", s.visitor(s.syncs))
	m.Get("/accounts/{id}/sessions/{n}", s.visitor(s.sync))
	m.Get("/accounts/{id}/sessions/{n}/transcript", s.visitor(s.transcript))
	m.Get("/accounts/{id}/remove", s.visitor(s.askRemoveAccount))
	m.Post("/accounts/{id}/remove", s.visitor(s.removeAccount))

	m.Get("/deletions", s.visitor(s.deletions))
	m.Post("/deletions/cancel", s.visitor(s.cancelDeletions))
	m.Post("/deletions/release", s.visitor(s.releaseDeletions))
	m.Post("/deletions/{id}/cancel", s.visitor(s.cancelDeletion))

	m.Get("/labels", s.visitor(s.labels))
	m.Post("/labels", s.visitor(s.addLabel))
	m.Post("/labels/{id}", s.visitor(s.changeLabel))
	m.Get("/labels/{id}/remove", s.visitor(s.askRemoveLabel))
	m.Post("/labels/{id}/remove", s.visitor(s.removeLabel))

	m.Get("/searches/suggest", s.visitor(s.suggest))
	m.Post("/searches", s.visitor(s.saveSearch))
	m.Post("/searches/{id}", s.visitor(s.changeSearch))
	m.Post("/searches/{id}/remove", s.visitor(s.removeSearch))
	m.Post("/searches/recent", s.visitor(s.noteSearch))
	m.Post("/searches/forget", s.visitor(s.forgetSearches))

	m.Get("/storage", s.visitor(s.storage))

	m.Get("/settings", s.visitor(s.settings))
	m.Get("/settings/history", s.visitor(s.history))
	m.Post("/settings/reading", s.visitor(s.changeReading))
	m.Post("/settings/language", s.visitor(s.changeLanguage))
	m.Post("/settings/zone", s.visitor(s.changeZone))
	m.Post("/settings/view", s.visitor(s.toggleView))
	m.Get("/settings/senders", s.visitor(s.senders))
	m.Post("/settings/senders", s.visitor(s.changeSender))
	m.Post("/settings/password", s.visitor(s.changePassword))
	m.Post("/settings/theme", s.visitor(s.changeTheme))
	m.Post("/settings/sessions/end", s.visitor(s.endSessions))
	m.Get("/settings/totp", s.visitor(s.secondFactor))
	m.Post("/settings/totp", s.visitor(s.setSecondFactor))
	m.Post("/settings/totp/codes", s.visitor(s.newCodes))
	m.Post("/settings/totp/remove", s.visitor(s.removeSecondFactor))
	m.Get("/settings/users", s.owner(s.users))
	m.Post("/settings/users", s.owner(s.addUser))
	m.Get("/settings/users/{user}/remove", s.owner(s.askRemoveUser))
	m.Post("/settings/users/{user}/remove", s.owner(s.removeUser))

	m.Get("/events", s.visitor(s.events))
	return m
}

// icon leads browsers that guess to the one icon there is.
func (s *Server) icon(w http.ResponseWriter, _ *http.Request) {
	s.redirect(w, static.Path("mark.svg"))
}

// home is the inbox.
func (s *Server) home(w http.ResponseWriter, _ *http.Request, _ *visitor) error {
	s.redirect(w, "/mail/inbox")
	return nil
}
