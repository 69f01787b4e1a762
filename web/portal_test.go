package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/message"
	"postern/internal/seal"
	"postern/store"
)

// portal is a portal on a fresh store, with two users who know nothing of each other.
type portal struct {
	tb     testing.TB
	store  *store.Store
	server *Server
	worker *fakeWorker
	prober *fakeProber
	log    *bytes.Buffer
	clock  *fakeClock
	ann    store.User
	bob    store.User
}

// fakeClock is what the store and the portal take the time from.
type fakeClock struct {
	mu  sync.Mutex
	add time.Duration
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.add)
}

func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add += d
}

type fakeWorker struct {
	mu      sync.Mutex
	woken   int
	stopped []store.AccountID
}

func (w *fakeWorker) Wake() { w.mu.Lock(); w.woken++; w.mu.Unlock() }

func (w *fakeWorker) Stop(id store.AccountID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = append(w.stopped, id)
	return true
}

type fakeProber struct {
	mu       sync.Mutex
	settings store.Settings
	password string
	result   ProbeResult
}

func (p *fakeProber) Probe(_ context.Context, _ store.User, v store.Settings, password seal.Secret) ProbeResult {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settings, p.password = v, password.Reveal()
	return p.result
}

const annPassword = "correct horse"

// annHash is made once: argon2id is slow on purpose.
var annHash = sync.OnceValue(func() string {
	hash, err := seal.HashPassword(seal.NewSecret(annPassword))
	if err != nil {
		panic(err)
	}
	return hash
})

func newPortal(tb testing.TB, change ...func(*Options)) *portal {
	tb.Helper()
	p := emptyPortal(tb, change...)
	p.ann, p.bob = p.addUser("ann", true), p.addUser("bob", false)
	return p
}

// emptyPortal is a portal without users.
func emptyPortal(tb testing.TB, change ...func(*Options)) *portal {
	tb.Helper()
	p := &portal{tb: tb, worker: &fakeWorker{}, prober: &fakeProber{}, log: &bytes.Buffer{}, clock: &fakeClock{}}
	st, err := store.Open(tb.Context(), tb.TempDir(), store.Options{Key: seal.NewKey(), Now: p.clock.Now})
	p.must(err)
	tb.Cleanup(func() { st.Close() })
	p.store = st
	opt := Options{Store: st, Worker: p.worker, Prober: p.prober, Log: slog.New(slog.NewTextHandler(p.log, nil))}
	for _, c := range change {
		c(&opt)
	}
	p.server, err = New(opt)
	p.must(err)
	p.server.unsubscribe = func(context.Context, string) error { return nil } // tests leave this machine alone
	return p
}

func (p *portal) must(err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatal(err)
	}
}

func (p *portal) addUser(name string, owner bool) store.User {
	p.tb.Helper()
	id, err := p.store.AddUser(p.tb.Context(), name, annHash(), owner)
	p.must(err)
	u, err := p.store.User(p.tb.Context(), id)
	p.must(err)
	return u
}

func (p *portal) addAccount(user store.User, name string) store.AccountID {
	p.tb.Helper()
	id, err := p.store.AddAccount(p.tb.Context(), user.ID, store.Settings{
		Name: name, Email: name + "@example.com", Host: "mx7.example.com", Port: 995, Security: store.TLS, Username: name + "@example.com",
		Policy: store.DeleteOnDelete, ReadAfterDays: 7, Interval: 10 * time.Minute,
	}, seal.NewSecret("pop-secret-of-"+name))
	p.must(err)
	return id
}

// account is an account as the worker would read it now.
func (p *portal) account(user store.User, id store.AccountID) store.Account {
	p.tb.Helper()
	a, err := p.store.Account(p.tb.Context(), user.ID, id)
	p.must(err)
	return a
}

// deliver stores messages as the worker does, and has them indexed.
func (p *portal) deliver(user store.User, account store.AccountID, raws ...string) []store.MessageID {
	p.tb.Helper()
	var in []store.Incoming
	for _, raw := range raws {
		m, err := message.Parse(strings.NewReader(raw), int64(len(raw)))
		p.must(err)
		in = append(in, store.Incoming{UID: uid(raw), Octets: int64(len(raw)), Raw: strings.NewReader(raw), Size: int64(len(raw)),
			Message: m, Unread: true, Retrieved: p.clock.Now()})
	}
	kept, err := p.store.AddMessages(p.tb.Context(), p.account(user, account), in)
	p.must(err)
	var ids []store.MessageID
	for _, k := range kept {
		ids = append(ids, k.ID)
	}
	p.must(p.store.IndexAll(p.tb.Context()))
	return ids
}

// browser keeps cookies and follows nothing.
type browser struct {
	*portal
	cookies map[string]*http.Cookie
	header  http.Header // sent with each request
	host    string
}

func (p *portal) browser() *browser {
	return &browser{portal: p, cookies: map[string]*http.Cookie{}, header: http.Header{}, host: "127.0.0.1:8110"}
}

// as is a browser that is signed in.
func (p *portal) as(user store.User) *browser {
	p.tb.Helper()
	b := p.browser()
	rec := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://"+b.host+"/", nil)
	_, err := p.server.signIn(rec, r, user, sessionData{})
	p.must(err)
	b.keep(rec.Result())
	return b
}

func (b *browser) keep(res *http.Response) {
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
}

// answer is a response read to its end.
type answer struct {
	*http.Response
	body string
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.tb.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.tb.Context(), method, "http://"+b.host+path, body)
	r.RemoteAddr = "127.0.0.1:50000"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.server.Handler().ServeHTTP(rec, r)
	res := rec.Result()
	b.keep(res)
	return answer{res, rec.Body.String()}
}

func (b *browser) get(path string) answer {
	b.tb.Helper()
	return b.do("GET", path, nil)
}

func (b *browser) post(path string, pairs ...string) answer {
	b.tb.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do("POST", path, form)
}

// want checks a status.
func (a answer) want(tb testing.TB, code int) answer {
	tb.Helper()
	if a.StatusCode != code {
		tb.Fatalf("status %d, want %d (Location %q)\n%s", a.StatusCode, code, a.Header.Get("Location"), truncate(a.body, 2000))
	}
	return a
}

// leads checks a redirect.
func (a answer) leads(tb testing.TB, to string) answer {
	tb.Helper()
	a.want(tb, http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != to {
		tb.Fatalf("redirected to %q, want %q", got, to)
	}
	return a
}

// has checks that the body holds each text.
func (a answer) has(tb testing.TB, texts ...string) answer {
	tb.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			tb.Errorf("the answer lacks %q:\n%s", text, truncate(a.body, 6000))
		}
	}
	return a
}

// hasNot checks that the body holds none of the texts.
func (a answer) hasNot(tb testing.TB, texts ...string) answer {
	tb.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			tb.Errorf("the answer holds %q", text)
		}
	}
	return a
}

// mail makes a message of header lines and a body.
func mail(subject, body string, fields ...string) string {
	lines := append([]string{
		"From: Lina Berg <lina@example.net>", "To: ann@example.com", "Subject: " + subject,
		"Date: Tue, 3 Nov 2026 14:02:00 +0000", "Message-ID: <" + fmt.Sprintf("%x", hashID(subject + body)[:6]) + "@example.net>",
	}, fields...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// png is a picture of one pixel.
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// newsletter is HTML with everything that must not happen, one picture of its own, and a message in it.
var newsletter = mail("Newsletter", strings.Join([]string{
	"--b", "Content-Type: text/html; charset=utf-8", "",
	`<p onclick="x()">Hello <b>Ann</b></p><script>alert(1)</script><img src="https://tracker.example.net/a.gif" width=200 height=100>` +
		`<img src="cid:logo@example.net" alt=logo><img src="cid:fake@example.net"><a href="/logout">out</a><form action="/undo"><input name=token></form>`,
	"--b", "Content-Type: image/png", "Content-ID: <logo@example.net>", "Content-Disposition: inline; filename=logo.png", "Content-Transfer-Encoding: base64", "", png,
	"--b", "Content-Type: image/png", "Content-ID: <fake@example.net>", "Content-Disposition: inline; filename=fake.png", "", "<svg onload=alert(1)>",
	"--b", "Content-Type: message/rfc822", "", mail("The inner one", "<p>Words within", "Content-Type: text/html", "Reply-To: eve@example.org"),
	"--b--", "",
}, "\r\n"), "MIME-Version: 1.0", `Content-Type: multipart/related; boundary="b"`,
	"List-Unsubscribe: <mailto:off@lists.example.com?subject=off>, <https://lists.example.com/u?who=ann>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click")

// parcel is a message with attachments of all kinds.
var parcel = mail("Parcel / with: files", strings.Join([]string{
	"--b", "Content-Type: text/plain; charset=utf-8", "", "See attached.",
	"--b", "Content-Type: text/html", `Content-Disposition: attachment; filename="page.html"`, "", "<script>alert(1)</script>",
	"--b", "Content-Type: image/svg+xml", `Content-Disposition: attachment; filename="drawing.svg"`, "", "<svg onload=alert(1)/>",
	"--b", "Content-Type: image/png", `Content-Disposition: attachment; filename="notapicture.png"`, "", "<html><script>alert(1)</script>",
	"--b", "Content-Type: text/html", `Content-Disposition: attachment; filename="picture.html"`, "Content-Transfer-Encoding: base64", "", png,
	"--b", "Content-Type: text/plain; charset=\"utf-8; x=<script>\"", `Content-Disposition: attachment; filename="notes.txt"`, "", "<b>notes</b>",
	"--b", "Content-Type: application/octet-stream", `Content-Disposition: attachment; filename="../../etc/cron.d/evil"`, "", "x",
	"--b", "Content-Type: application/pdf", `Content-Disposition: attachment; filename*=utf-8''%e5%a0%b1%e5%91%8a%0d%0aX-Evil%3a1%e2%80%aefdp.pdf`, "", "y",
	"--b", "Content-Type: application/octet-stream", `Content-Disposition: attachment; filename="NOTES.txt"`, "", "z",
	"--b--", "",
}, "\r\n"), "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`)
