package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"postern/store"
)

// TestCrossSite sends ann's forms the ways other sites can make her browser send them.
func TestCrossSite(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	for name, headers := range map[string]map[string]string{
		"cross-site":       {"Sec-Fetch-Site": "cross-site"},
		"same-site":        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9999"},
		"old browser":      {"Origin": "http://evil.example"},
		"null origin":      {"Origin": "null"},
		"sandboxed frame":  {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
		"other port":       {"Origin": "http://127.0.0.1:9999"},
		"claims otherwise": {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8110"},
	} {
		w.eachRoute(func(method, pattern string) {
			if method != "POST" {
				return
			}
			b := w.as(w.ann)
			for k, v := range headers {
				b.header.Set(k, v)
			}
			a := b.post(w.path(pattern), "id", formatID(w.message), "action", "delete", "mail", "delete", "session", "others")
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s: POST %s: status %d", name, pattern, a.StatusCode)
			}
		})
	}
	if w.snapshot() != before {
		t.Error("another site changed something")
	}
	b := w.as(w.ann)
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.post("/messages/actions", "id", formatID(w.message), "action", "star").want(t, 303)
	b.header = http.Header{"Origin": {"http://127.0.0.1:8110"}}
	b.post("/messages/actions", "id", formatID(w.message), "action", "unstar").want(t, 303)
}

func TestFormsOnly(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	b := w.as(w.ann)
	for _, typ := range []string{"text/plain", "multipart/form-data; boundary=x", "application/json", "", "application/x-www-form-urlencoded;;"} {
		r := httptest.NewRequest("POST", "http://"+b.host+"/messages/actions", strings.NewReader("action=delete&id="+formatID(w.message)))
		r.Header.Set("Content-Type", typ)
		r.AddCookie(b.cookies["postern-8110"])
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, r)
		if rec.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: status %d", typ, rec.Code)
		}
	}
	b.post("/messages/actions", "action", "delete", "id", strings.Repeat("1", maxForm)).want(t, http.StatusRequestEntityTooLarge)
	// What stands in the address is no form.
	b.post("/messages/actions?action=delete&id="+formatID(w.message), "return", "/").want(t, 422)
	if w.snapshot() != before {
		t.Error("something else than a form changed something")
	}
}

func TestBasePath(t *testing.T) {
	p := newPortal(t, func(o *Options) { o.BaseURL = "https://Mail.example.com/post/" })
	b := p.browser()
	b.host = "mail.example.com"
	b.get("/post/mail/inbox").leads(t, "/post/login?next=%2Fmail%2Finbox")
	b.get("/").leads(t, "/post/")
	b.get("/post").leads(t, "/post/")
	b.get("/post/").leads(t, "/post/login")
	b.get("/postern").want(t, 404)
	b.get("/mail/inbox").want(t, 404)
	a := b.post("/post/login", "name", "ann", "password", annPassword).leads(t, "/post/mail/inbox")
	c := a.Cookies()[0]
	if c.Name != "__Host-postern" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	b.get("/post/mail/inbox").want(t, 200).has(t, `href="/post/mail/archive"`, `src="/post/static/postern.`, `data-base="/post"`).hasNot(t, `href="/mail`, `action="/m`)
	b.header.Set("Origin", "https://mail.example.com")
	b.post("/post/settings/theme", "theme", "dark").leads(t, "/post/settings")
	b.header = http.Header{}
	b.host = "192.0.2.1"
	b.get("/post/login").want(t, http.StatusMisdirectedRequest)
	b.get("/livez").want(t, 200)
	b.get("/readyz").want(t, 200).has(t, "ready")
	b.host = "mail.example.com:443"
	b.get("/post/login").want(t, 303) // still signed in: the cookie knows no ports
}

func TestBadOptions(t *testing.T) {
	p := newPortal(t)
	for _, base := range []string{"mail.example.com", "ftp://x", "https://u:p@x/", "https://x/?q", "https://x/#f", "https://x/a//b", `https://x/a b`, "https://", "http://x/%zz"} {
		if _, err := New(Options{Store: p.store, Worker: p.worker, Prober: p.prober, BaseURL: base}); err == nil {
			t.Errorf("base URL %q was taken", base)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a portal without a store")
	}
}

func TestReadyz(t *testing.T) {
	p := newPortal(t)
	p.browser().get("/readyz").want(t, 200)
	p.must(p.store.Close())
	p.server.ready.at = p.server.ready.at.AddDate(-1, 0, 0)
	p.browser().get("/readyz").want(t, http.StatusServiceUnavailable)
	p.browser().get("/livez").want(t, 200)
}

// TestErrors: what went wrong stands in the log and not in the answer, under the same number.
func TestErrors(t *testing.T) {
	p := newPortal(t)
	for name, h := range map[string]handlerFunc{
		"error": func(http.ResponseWriter, *http.Request) error { return errors.New("secret detail 4711") },
		"panic": func(http.ResponseWriter, *http.Request) error { panic("secret detail 4711") },
	} {
		p.log.Reset()
		rec := httptest.NewRecorder()
		numbered(p.server.handle(h)).ServeHTTP(rec, httptest.NewRequest("GET", "/x", nil))
		body := rec.Body.String()
		if rec.Code != 500 || strings.Contains(body, "4711") || !strings.Contains(body, "Something went wrong") {
			t.Errorf("%s: %d %s", name, rec.Code, body)
		}
		_, after, _ := strings.Cut(body, "request ")
		if id := after[:min(10, len(after))]; id == "" || !strings.Contains(p.log.String(), "request="+id) || !strings.Contains(p.log.String(), "4711") {
			t.Errorf("%s: the log does not tell of request %q:\n%s", name, id, p.log)
		}
	}
	rec := httptest.NewRecorder()
	p.server.handle(func(http.ResponseWriter, *http.Request) error { return store.ErrNotFound })(rec, httptest.NewRequest("GET", "/x", nil))
	if rec.Code != 404 || !strings.Contains(rec.Body.String(), "This message is not here any more.") {
		t.Errorf("ErrNotFound: %d %s", rec.Code, rec.Body)
	}
}

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		remote, forwarded string
		trusted           []netip.Prefix
		want              string
	}{
		{"192.0.2.7:1234", "", nil, "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.1", nil, "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.1", proxies, "192.0.2.7"},
		{"127.0.0.1:1234", "198.51.100.1", proxies, "198.51.100.1"},
		{"127.0.0.1:1234", "203.0.113.9, 198.51.100.1, 10.1.1.1", proxies, "198.51.100.1"},
		{"127.0.0.1:1234", "forged, junk", proxies, "127.0.0.1"},
		{"127.0.0.1:1234", "", proxies, "127.0.0.1"},
		{"[::ffff:192.0.2.7]:1", "", nil, "192.0.2.7"},
		{"[2001:db8::1]:1", "", nil, "2001:db8::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := clientAddress(r, c.trusted).String(); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	for addr, want := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "127.0.0.1": "", "::1": ""} {
		if got := network(netip.MustParseAddr(addr)); got != want {
			t.Errorf("network of %s: %q, want %q", addr, got, want)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for path, ok := range map[string]bool{
		"/": true, "/mail/inbox?q=a+b&at=50": true, "/mail/all?q=%E4%B8%AD": true,
		"": false, "mail": false, "//evil.example": false, `/\evil.example`: false, `/a\b`: false, "/a\r\nX: y": false, "/a b": false, "/\tx": false,
		"http://evil.example/": false, "javascript:alert(1)": false, "/%zz": false,
	} {
		if got := localPath(path, "fallback"); (got == path) != ok && path != "fallback" {
			t.Errorf("localPath(%q) = %q", path, got)
		}
	}
}
