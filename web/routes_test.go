package web

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"postern/static"
	"postern/store"
)

// public are the routes for people who are not signed in, with what they answer them once there is an owner.
var public = map[string]int{
	"GET /livez": 200, "GET /readyz": 200, "GET /favicon.ico": 303, "GET /favicon.svg": 200, "GET /manifest.webmanifest": 200, "GET /setup": 404, "POST /setup": 404, "GET /login": 200, "POST /login": 422, "POST /login/code": 422, "POST /logout": 303,
	"GET /images/{token}": 404, // what is not signed by the portal
}

// eachRoute calls test with each method and pattern of the portal, from its own route table.
func (p *portal) eachRoute(test func(method, pattern string)) {
	p.tb.Helper()
	p.must(chi.Walk(p.server.routes().(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if pattern != "/static/*" && (method == "GET" || method == "POST") {
			test(method, pattern)
		}
		return nil
	}))
}

// world is a portal in which ann has one of everything.
type world struct {
	*portal
	account  store.AccountID
	message  store.MessageID // HTML
	parcel   store.MessageID
	deletion store.DeletionID
	label    store.LabelID
	saved    store.SavedSearchID
	session  store.SyncID

	labelName string
	userID    store.UserID // one that ann may remove
	undo      string       // token of something that can be undone
	browserID string       // hash of a session's id, as on the settings page
}

func newWorld(tb testing.TB, change ...func(*Options)) *world {
	tb.Helper()
	w := &world{portal: newPortal(tb, change...)}
	w.account = w.addAccount(w.ann, "work")
	ids := w.deliver(w.ann, w.account, newsletter, parcel, mail("Old", "gone soon"))
	w.message, w.parcel = ids[0], ids[1]
	done, err := w.store.Act(tb.Context(), w.ann.ID, store.Delete, ids[2:])
	w.must(err)
	ledger, err := w.store.Deletions(tb.Context(), w.ann.ID, 10)
	w.must(err)
	if len(ledger) != 1 {
		tb.Fatalf("%d deletions in the ledger, want 1", len(ledger))
	}
	w.deletion = ledger[0].ID
	_, err = w.store.Label(tb.Context(), w.ann.ID, "Trips/2026?", true, ids[:1])
	w.must(err)
	label, err := w.store.LabelNamed(tb.Context(), w.ann.ID, "trips/2026?")
	w.must(err)
	w.label, w.labelName, w.userID = label.ID, "Trips/2026?", w.bob.ID
	w.saved, err = w.store.SaveSearch(tb.Context(), w.ann.ID, store.SavedSearch{Name: "Bills of Ann", Query: "invoice", Account: w.account})
	w.must(err)
	w.undo = done.Undo
	w.browserID = hex.EncodeToString(hashID(w.as(w.ann).cookies["postern-8110"].Value))
	w.session = w.addSync(w.ann, store.Sync{Account: w.account, OK: true, Sentence: "3 new", Transcript: "S: +OK <b>ready</b>\nC: PASS [secret]"})
	return w
}

// path fills a pattern with ann's ids.
func (w *world) path(pattern string) string {
	id := formatID(w.message)
	switch {
	case pattern == "/export":
		return "/export?mailbox=inbox&format=mbox&account=" + formatID(w.account)
	case strings.HasPrefix(pattern, "/accounts"):
		id = formatID(w.account)
	case strings.HasPrefix(pattern, "/labels"):
		id = formatID(w.label)
	case strings.HasPrefix(pattern, "/searches"):
		id = formatID(w.saved)
	case strings.HasPrefix(pattern, "/deletions"):
		id = formatID(w.deletion)
	case strings.Contains(pattern, "parts") || strings.Contains(pattern, "zip"):
		id = formatID(w.parcel)
	}
	part := "2"
	switch {
	case strings.HasSuffix(pattern, "/thumbnail"):
		part = "5" // a picture
	case strings.Contains(pattern, "/enclosed/"):
		part = "4"
	}
	return strings.NewReplacer("{id}", id, "{n}", formatID(w.session), "{box}", "inbox", "{path}", part, "{token}", "none", "/mail/label/*", "/mail/label/"+strings.ReplaceAll(url.PathEscape(w.labelName), "%2F", "/"), "{user}", formatID(w.userID)).Replace(pattern)
}

// snapshot is all that ann has, as text.
func (w *world) snapshot() string {
	ctx := w.tb.Context()
	var all []any
	add := func(v any, err error) {
		w.must(err)
		all = append(all, v)
	}
	for _, m := range []store.Mailbox{store.Inbox, store.Archive, store.Junk, store.Trash} {
		add(w.store.Messages(ctx, w.ann.ID, store.View{Mailbox: m}))
	}
	add(w.store.Labels(ctx, w.ann.ID))
	add(w.store.SavedSearches(ctx, w.ann.ID))
	add(w.store.Accounts(ctx, w.ann.ID))
	add(w.store.Deletions(ctx, w.ann.ID, 100))
	add(w.store.Counts(ctx, w.ann.ID))
	add(w.store.User(ctx, w.ann.ID))
	data, err := json.Marshal(all)
	w.must(err)
	return string(data)
}

func TestSignedOut(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	w.eachRoute(func(method, pattern string) {
		b := w.browser()
		a := b.do(method, w.path(pattern), formFor(method))
		if code, ok := public[method+" "+pattern]; ok {
			a.want(t, code)
			return
		}
		a.want(t, http.StatusSeeOther)
		if to := a.Header.Get("Location"); !strings.HasPrefix(to, "/login") {
			t.Errorf("%s %s leads to %q", method, pattern, to)
		}
		b.header.Set("Accept", "application/json")
		b.do(method, w.path(pattern), formFor(method)).want(t, http.StatusUnauthorized)
	})
	if w.snapshot() != before {
		t.Error("somebody who is not signed in changed something")
	}
}

func formFor(method string) url.Values {
	if method == "POST" {
		return url.Values{"name": {"nobody"}, "password": {"wrong password"}}
	}
	return nil
}

// TestGetChangesNothing reads everything, by GET and by HEAD.
func TestGetChangesNothing(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	before := w.snapshot()
	w.eachRoute(func(method, pattern string) {
		if method != "GET" || pattern == "/events" {
			return
		}
		get := ann.do("GET", w.path(pattern), nil)
		head := ann.do("HEAD", w.path(pattern), nil)
		if get.StatusCode >= 400 && pattern != "/setup" && public[method+" "+pattern] != http.StatusNotFound {
			t.Errorf("GET %s: status %d", pattern, get.StatusCode)
		}
		if head.StatusCode != get.StatusCode {
			t.Errorf("HEAD %s: status %d, GET %d", pattern, head.StatusCode, get.StatusCode)
		}
	})
	if after := w.snapshot(); after != before {
		t.Errorf("reading changed something:\n%s\n%s", before, after)
	}
}

// TestMethods tries every method on every route: what has no form has no POST, and no method slips through.
func TestMethods(t *testing.T) {
	w := newWorld(t)
	known := map[string]map[string]bool{}
	w.eachRoute(func(method, pattern string) {
		if known[pattern] == nil {
			known[pattern] = map[string]bool{}
		}
		known[pattern][method] = true
	})
	before := w.snapshot()
	ann := w.as(w.ann)
	for pattern, methods := range known {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			if methods[method] || method == "GET" && strings.HasPrefix(pattern, "/messages/actions") {
				continue
			}
			path := w.path(pattern)
			if a := ann.do(method, path, nil); a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusUnsupportedMediaType {
				t.Errorf("%s %s: status %d", method, path, a.StatusCode)
			}
		}
		if pattern == "/events" {
			continue
		}
		ann.header.Set("X-Http-Method-Override", "POST")
		ann.do("GET", w.path(pattern)+"?_method=POST", nil)
		ann.header.Del("X-Http-Method-Override")
	}
	if w.snapshot() != before {
		t.Error("a method that is not there changed something")
	}
}

func TestNoSuchPage(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	for _, path := range []string{"/nothing", "/mail/sent", "/mail/", "/messages/0", "/messages/-1", "/messages/99999999999999999999", "/messages/x",
		"/messages/999", "/accounts/999", "/messages/" + formatID(w.message) + "/parts/9.9", "/messages/" + formatID(w.message) + "/parts/..%2f..", "/static/nothing.js"} {
		ann.get(path).want(t, http.StatusNotFound)
	}
	ann.get("/messages/999").has(t, "This message is not here any more.")
	ann.get("/nothing").has(t, "There is no such page", `aria-label="Mailboxes and accounts"`)
	w.browser().get("/nothing").want(t, http.StatusNotFound).hasNot(t, `aria-label="Mailboxes and accounts"`)
}

// TestHeaders reads the headers of every route, whatever it answers.
func TestHeaders(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	check := func(method, pattern string, a answer) {
		t.Helper()
		policy := pagePolicy
		if a.StatusCode == 200 {
			switch {
			case strings.HasSuffix(pattern, "/body"):
				policy = bodyPolicy
			case strings.HasSuffix(pattern, "/print"):
				policy = strings.Replace(bodyPolicy, "frame-ancestors 'self'", "frame-ancestors 'none'", 1)
			case strings.HasSuffix(pattern, "/raw"), strings.Contains(pattern, "/parts/"), strings.HasSuffix(pattern, ".zip"), strings.HasSuffix(pattern, "/transcript"), pattern == "/export":
				policy = filePolicy
			}
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "private, no-store",
			"X-DNS-Prefetch-Control": "off",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", method, pattern, name, got, want)
			}
		}
	}
	w.eachRoute(func(method, pattern string) {
		if pattern == "/events" {
			check("HEAD", pattern, ann.do("HEAD", pattern, nil))
			return
		}
		if pattern == "/logout" || pattern == "/favicon.svg" { // a file, as those below /static/ are
			return
		}
		check(method, pattern, ann.do(method, w.path(pattern), formFor(method)))
		check(method+" signed out", pattern+" ", w.browser().do(method, w.path(pattern), formFor(method)))
	})
	check("GET", "/nothing", ann.get("/nothing"))
	style := ann.get(static.Path("postern.css")).want(t, 200)
	if got := style.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a hashed file is cached as %q", got)
	}
}
