package web

import (
	"bufio"
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/store"
)

// A stranger is bob, who knows every id of ann's. What he gets for each route stands in strangers; a route that does not
// stand there fails the test, so that none is added without a thought for him.

// reach is what a stranger gets.
type reach struct {
	code int
	form func(*world) []string // what he posts; nil: nothing
}

// What can be said of a route.
var (
	open   = func(code int, form ...string) reach { return reach{code, func(*world) []string { return form }} } // names nothing of ann's
	hidden = func(form ...string) reach { return reach{404, func(*world) []string { return form }} }            // an id in its path
	named  = func(code int, form func(w *world) []string) reach { return reach{code, form} }                    // ids in its form
)

var strangers = map[string]reach{
	"GET /livez": open(200), "GET /readyz": open(200), "GET /favicon.ico": open(303), "GET /favicon.svg": open(200), "GET /manifest.webmanifest": open(200), "GET /setup": open(404), "POST /setup": open(404, "name", "eve"),
	"GET /login": open(303), "POST /login": open(422, "name", "ann", "password", "wrong password"),
	"POST /login/code": open(422, "ticket", "a guess", "code", "000000"),
	"GET /":            open(303), "GET /mail/{box}": open(200), "GET /mail/label/*": hidden(), "GET /events": open(200), // see TestStrangersStream
	"GET /export": hidden(), // his own: TestExportOwn

	// Whoever holds a signed link may follow it: a sandboxed frame sends no cookie to tell. Nobody else can make one.
	"GET /images/{token}": open(404),

	"GET /messages/{id}": hidden(), "GET /messages/{id}/body": hidden(), "GET /messages/{id}/raw": hidden(), "GET /messages/{id}/source": hidden(),
	"GET /messages/{id}/parts/{path}": hidden(), "GET /messages/{id}/attachments.zip": hidden(), "POST /messages/{id}/view": hidden("view", "html"),
	"GET /messages/{id}/enclosed/{path}": hidden(), "GET /messages/{id}/enclosed/{path}/body": hidden(), "GET /messages/{id}/parts/{path}/thumbnail": hidden(),
	"GET /messages/{id}/print": hidden(), "GET /messages/{id}/unsubscribe": hidden(), "POST /messages/{id}/unsubscribe": hidden(),
	"POST /messages/actions": named(303, func(w *world) []string { return []string{"id", formatID(w.message), "action", "delete"} }),
	"POST /undo":             named(303, func(w *world) []string { return []string{"token", w.undo} }),

	"GET /accounts": open(200), "POST /accounts": open(422, "email", "bob@example.org"), "GET /accounts/new": open(200), "POST /accounts/sync": open(303),
	"POST /accounts/find": open(200, "email", "bob@localhost"),
	"POST /accounts/test": named(404, func(w *world) []string {
		return []string{"account", formatID(w.account), "email", "eve@example.net", "host", "pop.example.net"}
	}),
	"GET /accounts/{id}": hidden(), "POST /accounts/{id}": hidden("email", "eve@example.net", "host", "pop.example.net", "password", "x"), "GET /accounts/{id}/edit": hidden(),
	"POST /accounts/{id}/sync": hidden(), "POST /accounts/{id}/stop": hidden(), "POST /accounts/{id}/forget-certificate": hidden(), "GET /accounts/{id}/sessions": hidden(), "GET /accounts/{id}/sessions/{n}": hidden(),
	"GET /accounts/{id}/sessions/{n}/transcript": hidden(), "GET /accounts/{id}/remove": hidden(), "POST /accounts/{id}/remove": hidden("mail", "delete"),

	"GET /deletions": open(200), "POST /deletions/{id}/cancel": hidden(),
	"POST /deletions/cancel":  named(404, func(w *world) []string { return []string{"account", formatID(w.account)} }),
	"POST /deletions/release": named(404, func(w *world) []string { return []string{"account", formatID(w.account)} }),

	"GET /labels": open(200), "POST /labels": open(422), "POST /labels/{id}": hidden("name", "mine", "colour", "1"),
	"GET /labels/{id}/remove": hidden(), "POST /labels/{id}/remove": hidden(),

	"GET /searches/suggest": open(200), "POST /searches/recent": open(204, "q", "newsletter"), "POST /searches/forget": open(303),
	"POST /searches": named(404, func(w *world) []string {
		return []string{"name", "mine", "list", "/mail/all?q=x&account=" + formatID(w.account)}
	}),
	"POST /searches/{id}": hidden("name", "mine"), "POST /searches/{id}/remove": hidden(),

	"GET /storage": open(200),

	"GET /settings": open(200), "GET /settings/senders": open(200), "GET /settings/history": open(200), "POST /settings/view": open(303, "toggle", "compact"), "POST /settings/reading": open(303, "keys", "1", "conversations", "1"), "POST /settings/senders": open(422),
	"POST /settings/password": open(422, "current", "wrong"), "POST /settings/theme": open(303, "theme", ""),
	"POST /settings/language": open(303), "POST /settings/zone": open(303, "zone", "Asia/Shanghai"),
	"POST /settings/sessions/end": named(303, func(w *world) []string { return []string{"session", w.browserID} }),
	"GET /settings/totp":          open(200), "POST /settings/totp": open(303), "POST /settings/totp/codes": open(303), "POST /settings/totp/remove": open(303),
	"GET /settings/users": hidden(), "POST /settings/users": hidden("name", "eve", "password", "a long password", "repeat", "a long password", "current", annPassword),
	"GET /settings/users/{user}/remove": hidden(), "POST /settings/users/{user}/remove": hidden("current", annPassword),

	"POST /logout": open(303), // last: it ends his session
}

// TestStrangersCovered fails when somebody adds a route and does not say what a stranger gets there.
func TestStrangersCovered(t *testing.T) {
	w := newWorld(t)
	there := map[string]bool{}
	w.eachRoute(func(method, pattern string) {
		there[method+" "+pattern] = true
		if _, ok := strangers[method+" "+pattern]; !ok {
			t.Errorf("%s %s is new: say in strangers what somebody gets there who uses another's ids", method, pattern)
		}
	})
	for route := range strangers {
		if !there[route] {
			t.Errorf("%s is in strangers and is no route any more", route)
		}
	}
}

// nobodys is the world with ids that nobody has.
func (w *world) nobodys() *world {
	n := *w
	n.account, n.message, n.parcel, n.deletion, n.session, n.label, n.saved = 9_000_001, 9_000_002, 9_000_003, 9_000_004, 9_000_005, 9_000_006, 9_000_008
	n.labelName, n.undo, n.userID = "No such label", "NOSUCHTOKEN", 9_000_007
	n.browserID = hex.EncodeToString(hashID("no such session"))
	return &n
}

// TestStranger asks for everything of ann's as bob, and for the same under ids that nobody has: he cannot tell one from
// the other.
func TestStranger(t *testing.T) {
	w := newWorld(t)
	w.userID = w.ann.ID
	nobody := w.nobodys()
	before := w.snapshot()
	secrets := []string{"Newsletter", "mx7.example.com", "work@example.com", "Lina Berg", "Trips/2026", "pop-secret-of-work", "gone soon", "Bills of Ann"}
	for _, route := range slices.Sorted(maps.Keys(strangers)) {
		method, pattern, _ := strings.Cut(route, " ")
		if pattern == "/events" {
			continue
		}
		for _, accept := range []string{"text/html", "application/json"} {
			ask := func(with *world) answer {
				w.must(w.store.EndSessions(t.Context(), w.bob.ID, nil))
				bob := w.as(w.bob)
				bob.header.Set("Accept", accept)
				var form url.Values
				if method == "POST" {
					form = url.Values{}
					for i, pairs := 0, strangers[route].form(with); i < len(pairs); i += 2 {
						form.Add(pairs[i], pairs[i+1])
					}
				}
				a := bob.do(method, with.path(pattern), form)
				bob.get("/settings").hasNot(t, secrets...) // a toast would show here
				return a
			}
			a, b := ask(w), ask(nobody)
			if want := strangers[route].code; a.StatusCode != want && accept == "text/html" {
				t.Errorf("%s: status %d for a stranger, want %d", route, a.StatusCode, want)
			}
			a.hasNot(t, secrets...)
			if difference := differ(w, nobody, a, b); difference != "" {
				t.Errorf("%s (%s): what is ann's answers otherwise than what is nobody's: %s", route, accept, difference)
			}
		}
	}
	if w.snapshot() != before {
		t.Error("a stranger changed something")
	}
	bob := w.as(w.bob)
	bob.get("/mail/inbox?account="+formatID(w.account)).want(t, http.StatusNotFound)
	bob.get("/mail/all?q=newsletter").want(t, 200).hasNot(t, "Newsletter")
	bob.post("/messages/actions", "all", "1", "mailbox", "inbox", "account", formatID(w.account), "bound", "9000000", "action", "delete", "confirm", "1")
	bob.post("/messages/actions", "all", "1", "mailbox", "all", "q", "newsletter", "bound", "9000000", "action", "delete", "confirm", "1")
	past, err := w.store.History(t.Context(), w.ann.ID, 10)
	w.must(err)
	for _, a := range past {
		bob.post("/undo", "entry", a.ID)
	}
	if w.snapshot() != before || len(past) == 0 {
		t.Error("a stranger changed something by a whole list or by an undo")
	}
}

// random is what differs in any two answers: a fresh secret of two-step sign-in and its picture, ids of cookies.
var random = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]+|value="[A-Z2-7]{32}"|<code class="secret">[A-Z2-7 ]+</code>|since=\d+`)

// differ says how two answers differ, but for the ids that were asked for; "": they do not.
func differ(w, nobody *world, a, b answer) string {
	plain := func(with *world, a answer) string {
		body := random.ReplaceAllString(a.body, "")
		for _, id := range []string{with.labelName, url.PathEscape(with.labelName), with.undo, with.browserID} {
			body = strings.ReplaceAll(body, id, "ID")
		}
		return body
	}
	for name := range a.Header {
		if x, y := a.Header.Get(name), b.Header.Get(name); x != y && name != "Set-Cookie" && name != "Content-Length" && name != "Retry-After" {
			return name + ": " + x + " and " + y
		}
	}
	switch x, y := plain(w, a), plain(nobody, b); {
	case a.StatusCode != b.StatusCode:
		return http.StatusText(a.StatusCode) + " and " + http.StatusText(b.StatusCode)
	case x != y:
		i := 0
		for i < min(len(x), len(y)) && x[i] == y[i] {
			i++
		}
		return truncate(x[max(0, i-60):], 200) + " and " + truncate(y[max(0, i-60):], 200)
	}
	return ""
}

// TestStrangersPages: whatever happens to ann, no page of bob's changes, no count and no sum on it.
func TestStrangersPages(t *testing.T) {
	w := newWorld(t)
	own := w.addAccount(w.bob, "bob's")
	w.deliver(w.bob, own, mail("For Bob", "hello"))
	bob := w.as(w.bob)
	pages := func() map[string]string {
		all := map[string]string{}
		for route, reach := range strangers {
			method, pattern, _ := strings.Cut(route, " ")
			if method == "GET" && reach.code == 200 && pattern != "/events" {
				all[pattern] = random.ReplaceAllString(bob.get(w.path(pattern)).body, "")
			}
		}
		for _, path := range []string{"/mail/all?q=newsletter", "/mail/all?q=fo", "/searches/suggest?q=f", "/mail/trash", "/mail/starred"} {
			all[path] = bob.get(path).body
		}
		return all
	}
	before := pages()
	ids := w.deliver(w.ann, w.account, mail("More", "more of Newsletter"), mail("Still more", "For Bob"))
	_, err := w.store.Act(t.Context(), w.ann.ID, store.Delete, ids[:1])
	w.must(err)
	_, err = w.store.Act(t.Context(), w.ann.ID, store.Star, ids[1:])
	w.must(err)
	w.addAccount(w.ann, "another")
	w.addSync(w.ann, store.Sync{Account: w.account, Sentence: "It failed."})
	w.server.hub.SyncStarted(w.ann.ID, w.account)
	after := pages()
	for path, page := range before {
		if page != after[path] {
			t.Errorf("%s changed for bob when something happened to ann", path)
		}
	}
}

// TestStrangersStream: bob's event stream says nothing of ann.
func TestStrangersStream(t *testing.T) {
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	defer ts.Close()
	defer w.server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	own := w.addAccount(w.bob, "bob's")
	lines := w.as(w.bob).listen(ctx, ts.URL+"/events?since=0&account="+formatID(w.account))
	hub := w.server.hub
	for range 3 {
		hub.SyncStarted(w.ann.ID, w.account)
		hub.SyncProgress(w.ann.ID, w.account, "retrieving", 7, 77, 777, time.Minute)
		w.deliver(w.ann, w.account, mail("Fresh", time.Now().String()))
		hub.MailArrived(w.ann.ID, w.account, 777)
		hub.countsChanged(w.ann.ID)
		hub.SyncEnded(w.ann.ID, store.Sync{Account: w.account, Retrieved: 777})
		time.Sleep(eventPause)
	}
	hub.SyncStarted(w.bob.ID, own) // the mark up to which the stream is read
	var said strings.Builder
	for readUntil(lines, &said, `"state":"working"`) {
		break
	}
	for _, of := range []string{"777", `"account":"` + formatID(w.account) + `"`, "event: mail", "event: progress"} {
		if strings.Contains(said.String(), of) {
			t.Errorf("bob's stream says %q:\n%s", of, said.String())
		}
	}
	if !strings.Contains(said.String(), `"account":"`+formatID(own)+`"`) {
		t.Errorf("bob's stream does not work:\n%s", said.String())
	}
}

// readUntil gathers lines up to the first that holds mark.
func readUntil(lines *bufio.Scanner, said *strings.Builder, mark string) bool {
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), mark) {
			return true
		}
	}
	return false
}

// BenchmarkStranger: another's message takes as long as one that nobody has.
func BenchmarkStranger(b *testing.B) {
	w := newWorld(b)
	bob := w.as(w.bob)
	for name, world := range map[string]*world{"anothers": w, "nobodys": w.nobodys()} {
		path := world.path("/messages/{id}")
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				bob.get(path)
			}
		})
	}
}
