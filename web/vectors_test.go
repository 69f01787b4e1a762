package web

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/internal/sanitize"
	"postern/store"
)

// layers is which of the protections stand.
type layers struct {
	name              string
	sanitiser, fences bool
}

var allLayers = layers{"all layers", true, true}

// Vectors are run in several tabs at a time; this long after a page has loaded, what it wanted to do has happened.
const (
	tabs     = 4
	loadTime = 150 * time.Millisecond
	actTime2 = 200 * time.Millisecond
)

// acting is the view of a message in which the reader does what a vector asks for. It is one of its own, as a browser whose
// reader clicks a link looks up where it leads, and opens connections beforehand and in reserve, some of which stay unused.
const acting = "acting"

// TestVectorsInBrowser opens every hostile mail of our own in the message view: nothing of what it tries happens.
func TestVectorsInBrowser(t *testing.T) {
	list := ownVectors(t)
	if len(list) < 150 {
		t.Errorf("%d vectors of our own, want 150 at least", len(list))
	}
	newArena(t, allLayers, list, "").run(t, "message", "parts", acting)
}

// TestMatrix runs all vectors, those of our own and the shared ones, in every view, with all layers, without the
// sanitiser, and without the fences; and then without anything, to see that the test sees. `make vectors` asks for it;
// POSTERN_VECTORS=mxss picks those whose names hold that.
func TestMatrix(t *testing.T) {
	if os.Getenv("POSTERN_VECTORS") == "" {
		t.Skip("set POSTERN_VECTORS=all, or use make vectors")
	}
	list := append(ownVectors(t), sharedVectors(t)...)
	if some := os.Getenv("POSTERN_VECTORS"); some != "all" {
		list = slices.DeleteFunc(list, func(v hostile) bool { return !strings.Contains(v.id, some) })
	}
	for _, l := range []layers{allLayers, {"sanitiser off", false, true}, {"fences off", true, false}} {
		t.Run(l.name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "net.json")
			a := newArena(t, l, list, log)
			a.run(t, "message", "print", "source", "parts", "list")
			a.report(t, log)
			var active []hostile
			for _, v := range list {
				if len(v.act) > 0 {
					active = append(active, v)
				}
			}
			a = newArena(t, l, active, log)
			a.run(t, acting)
			a.report(t, log)
		})
	}
	t.Run("nothing", func(t *testing.T) { proof(t, list) })
}

// arena is a portal that holds the vectors, with a browser that reads them.
type arena struct {
	*portal
	layers
	list    []hostile
	ids     map[string]store.MessageID
	parts   map[string][]string // what there is to open of the attachments
	pages   []hostile           // of the list of all mail, as vectors whose bodies are their paths
	tracker *tracker
	browser *browsertest.Browser
	end     func() // ends the browser
	base    string // the portal's address
	mu      sync.Mutex
	strange []string // requests to the portal that no page of it makes
	loads   int
	acts    int // things the reader did
	found   []string
}

func newArena(t *testing.T, l layers, list []hostile, netLog string) *arena {
	t.Helper()
	a := &arena{portal: newPortal(t), layers: l, list: list, ids: map[string]store.MessageID{}, parts: map[string][]string{}, tracker: newTracker(t), end: func() {}}
	work, reader := a.addAccount(a.ann, "work"), a.as(a.ann)
	for _, v := range list {
		id := a.deliver(a.ann, work, v.mail())[0]
		m, err := a.store.Message(t.Context(), a.ann.ID, id)
		a.must(err)
		a.ids[v.id] = id
		for _, part := range m.Structure.Attachments() {
			path := messageURL(id, "parts/"+part.Path)
			if opens(reader.get(path)) {
				a.parts[v.id] = append(a.parts[v.id], path)
			}
			if holdsMessage(part) {
				a.parts[v.id] = append(a.parts[v.id], enclosedURL(id, part.Path))
			}
		}
	}
	a.pages = a.listed(t, reader)
	if !l.sanitiser {
		a.server.sanitize = func(html string, _ sanitize.Options) sanitize.Result { return sanitize.Result{HTML: html} }
	}
	handler := http.Handler(a.server.Handler())
	if !l.fences {
		handler = unfenced(handler)
	}
	srv := httptest.NewServer(a.noting(handler))
	t.Cleanup(func() { a.server.Close(); srv.Close() })
	a.base = srv.URL
	var hosts []string
	for _, name := range []string{trackerHost, "*." + trackerHost, "evil.test", "bank.test", "example.test"} {
		hosts = append(hosts, name+" "+a.tracker.addr)
	}
	if netLog != "" {
		a.browser, a.end = browsertest.NewLogged(t, netLog, hosts...)
	} else {
		a.browser = browsertest.New(t, hosts...)
	}
	page := a.browser.Page(t, 1280, 800, false)
	page.Goto(a.base + "/login")
	page.Fill("User name", "ann")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("Inbox", 10*time.Second)
	page.Close()
	return a
}

// listed are the pages of the list of all mail, which have every vector between them but those that stand behind the newest
// of a conversation.
func (a *arena) listed(t *testing.T, reader *browser) (pages []hostile) {
	t.Helper()
	missing := map[string]bool{}
	for _, id := range a.ids {
		missing[messageURL(id, "")] = true
	}
	for path := "/mail/all"; path != ""; {
		pages = append(pages, hostile{id: fmt.Sprintf("page-%d", len(pages)+1), body: path})
		body := reader.get(path).want(t, 200).body
		for _, m := range messageLink.FindAllStringSubmatch(body, -1) {
			delete(missing, m[1])
		}
		path = ""
		if m := nextPage.FindStringSubmatch(body); m != nil {
			path = html.UnescapeString(m[1])
		}
	}
	t.Logf("%d pages of the list; %d vectors stand behind another of their conversation", len(pages), len(missing))
	return pages
}

var (
	messageLink = regexp.MustCompile(`href="(/messages/\d+)[?"]`)
	nextPage    = regexp.MustCompile(`href="([^"]*)" rel="next"`)
)

// opens tells that a part is shown by the browser itself: all else it stores as a file of unknown type.
func opens(r answer) bool {
	how, _, _ := strings.Cut(r.Header.Get("Content-Disposition"), ";")
	return how == "inline" && r.Header.Get("Content-Type") != "application/pdf"
}

// framePaths are where the frames of a conversation are: at the body of one of its messages, or nowhere yet.
var framePaths = regexp.MustCompile(`^(/messages/\d+(/enclosed/[\d.]+)?/body(\?.*)?|about:blank)$`)

// portalPaths are what pages of the portal ask it for.
var portalPaths = regexp.MustCompile(`^(GET|HEAD) /(static/[^/]+|events|login|favicon\.(ico|svg)|manifest\.webmanifest|mail/[a-z]+|messages/\d+(/(body|print|source|raw|parts/[\d.]+(/thumbnail)?|enclosed/[\d.]+(/body)?))?)?$|^POST /(messages/actions|login)$`)

// noting notes requests that are none of the portal's own.
func (a *arena) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" { // each tab's would hold one of Chromium's six connections to a host
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if what := r.Method + " " + r.URL.Path; !portalPaths.MatchString(what) || strings.Contains(r.URL.RawQuery, "pwned") {
			a.mu.Lock()
			if what += " for " + r.Header.Get("Sec-Fetch-Dest"); r.Header.Get("Cookie") != "" {
				what += ", signed in"
			}
			a.strange = append(a.strange, what)
			a.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// unfenced takes the policies and the frame's sandbox off.
func unfenced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			switch name {
			case "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-DNS-Prefetch-Control", "Content-Length":
			default:
				w.Header()[name] = values
			}
		}
		w.WriteHeader(rec.Code)
		body := rec.Body.Bytes()
		_, _ = w.Write(bytes.ReplaceAll(body, []byte(` sandbox="allow-popups allow-popups-to-escape-sandbox"`), nil))
	})
}

// run opens every vector in the views, one view after the other, and says what happened that must not.
func (a *arena) run(t *testing.T, views ...string) {
	t.Helper()
	for _, view := range views {
		a.pass(t, view)
	}
}

// pass opens every vector in a view.
func (a *arena) pass(t *testing.T, view string) {
	t.Helper()
	requests, _ := a.tracker.seen()
	strange := len(a.asked())
	work := make(chan hostile)
	t.Run(view, func(t *testing.T) {
		for range tabs {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				page := a.browser.Page(t, 1280, 800, false)
				for v := range work {
					found := a.visit(page, v, view)
					if len(found) > 0 { // what it has done may go on
						page.Close()
						page = a.browser.Page(t, 1280, 800, false)
					}
					for _, what := range found {
						a.fault(t, v.id, view, what)
					}
				}
			})
		}
		list := a.list
		if view == "list" {
			list = a.pages
		}
		go func() {
			defer close(work)
			for _, v := range list {
				work <- v
			}
		}()
	})
	time.Sleep(actTime2) // for what the last of them wanted to do
	for _, r := range a.tracker.since(requests) {
		if view != acting || !a.opened(r) {
			a.fault(t, r.vector(), view, fmt.Sprintf("network: the tracker was asked for %+v", r))
		}
	}
	if a.sanitiser && view != acting {
		if _, silent := a.tracker.seen(); silent > 0 {
			t.Errorf("%s: %d connections to the tracker without a request", view, silent)
		}
	}
	if a.sanitiser {
		for _, what := range a.asked()[strange:] {
			t.Errorf("%s: the portal was asked: %s", view, what)
		}
	}
}

// asked are the strange requests so far.
func (a *arena) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.strange)
}

// fault notes what a vector has done.
func (a *arena) fault(t *testing.T, id, view, what string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.found = append(a.found, what)
	t.Errorf("%s, %s: %s", id, view, what)
}

// opened tells that a request is a link's, which the reader clicked: the page it leads to is told nothing of where the
// reader comes from.
func (a *arena) opened(r trackerRequest) bool {
	if r.dest != "document" || r.referer != "" || r.cookie != "" || a.sanitiser && r.path == "/leak" {
		return false
	}
	return r.vector() == "" || slices.ContainsFunc(a.list, func(v hostile) bool { return strings.ToLower(v.id) == r.vector() && v.clicks() })
}

// look is asked of each document: whether a script ran there, and its address.
const lookScript = `function() { const w = this.defaultView; return ((w && w.__pwned) || this.title === 'pwned' ? 'pwned' : '') + '|' + this.location.href }`

// visit opens one vector in one view.
func (a *arena) visit(page *browsertest.Page, v hostile, view string) (found []string) {
	for _, url := range a.addresses(v, view) {
		a.mu.Lock()
		a.loads++
		a.mu.Unlock()
		page.Goto(url)
		time.Sleep(loadTime)
		if view == "message" {
			found = append(found, a.texts(page, v)...)
		}
		if view == acting {
			for _, act := range v.act {
				if page.Act(a.named(act)) {
					a.mu.Lock()
					a.acts++
					a.mu.Unlock()
					time.Sleep(actTime2)
				}
			}
		}
		found = append(found, a.look(page, url, view)...)
	}
	return found
}

// named is what the reader does, with the ids as they are in the page: the sanitiser puts its prefix before those of a mail.
func (a *arena) named(act string) string {
	if verb, id, ok := strings.Cut(act, " #"); ok && a.sanitiser {
		return verb + " #pm-" + id
	}
	return act
}

// look sees what has become of a page.
func (a *arena) look(page *browsertest.Page, url, view string) (found []string) {
	docs := page.InDocuments(lookScript)
	if len(docs) == 0 { // elements too deep in each other for the browser to tell of them
		if page.Eval("("+lookScript+").call(document).split('|')[0]") != `""` {
			found = append(found, "script: it ran in the page")
		}
	}
	own := false // the frame of the message is where it was
	for i, d := range docs {
		pwned, at, _ := strings.Cut(d, "|")
		at, _, _ = strings.Cut(at, "#")
		if pwned != "" {
			found = append(found, "script: it ran in "+at)
		}
		if i == 0 && at != url {
			found = append(found, "navigate: the page is at "+at)
		}
		own = own || strings.HasPrefix(at, url+"/")
		if i > 0 && a.sanitiser && (view == "message" || view == acting) && !framePaths.MatchString(strings.TrimPrefix(at, a.base)) {
			found = append(found, "navigate: a frame is at "+at)
		}
	}
	framed := page.Eval(fmt.Sprintf("document.querySelector('iframe[src^=%q]') !== null", strings.TrimPrefix(url, a.base)+"/")) == "true"
	if framed && !own && a.sanitiser && (view == "message" || view == acting) { // text has no frame
		found = append(found, "navigate: the frame of the message is elsewhere")
	}
	for _, line := range page.Console() {
		if strings.HasPrefix(line, "dialog: ") {
			found = append(found, "script: "+line)
		}
	}
	if view == "message" || view == acting {
		if covered := page.Eval(hitTest); covered != `""` {
			found = append(found, "overlay: "+covered)
		}
	}
	return found
}

// hitTest asks, at the middle of each tool of the page, whether the tool is what a click would reach.
const hitTest = `(() => { for (const e of document.querySelectorAll(".bar a, .bar button, .top a, .top button, .message-head a")) {
	const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
	if (!r.width || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight || getComputedStyle(e).visibility === "hidden" || !e.checkVisibility()) continue;
	const top = document.elementFromPoint(x, y);
	if (top && !e.contains(top) && !top.contains(e) && top.tagName === "IFRAME") return e.outerHTML.slice(0, 80) + " is covered by " + top.outerHTML.slice(0, 80);
} return "" })()`

// addresses are what there is to open of a vector.
func (a *arena) addresses(v hostile, view string) []string {
	at := a.base + messageURL(a.ids[v.id], "")
	switch view {
	case "message":
		return []string{at}
	case acting:
		if len(v.act) == 0 {
			return nil
		}
		return []string{at}
	case "parts":
		var urls []string
		for _, path := range a.parts[v.id] {
			urls = append(urls, a.base+path)
		}
		return urls
	case "list":
		return []string{a.base + v.body}
	}
	return []string{at + "/" + view}
}

// texts holds what the reader is shown against what a vector says of it.
func (a *arena) texts(page *browsertest.Page, v hostile) (found []string) {
	if len(v.want)+len(v.not) == 0 {
		return nil
	}
	shown := strings.Join(page.InDocuments("function() { return this.body ? this.body.innerText : '' }"), "\n")
	for _, text := range v.want {
		if !strings.Contains(shown, text) {
			found = append(found, fmt.Sprintf("spoof: %q is not shown: %q", text, truncate(shown, 1500)))
		}
	}
	for _, text := range v.not {
		if strings.Contains(shown, text) {
			found = append(found, fmt.Sprintf("spoof: %q is shown", text))
		}
	}
	return found
}

// report ends the browser, reads its own log of look-ups, and sums up.
func (a *arena) report(t *testing.T, netLog string) {
	t.Helper()
	a.end()
	n := lookups(t, netLog)
	if a.sanitiser && n > 0 && a.acts == 0 {
		t.Errorf("%d look-ups of the tracker's name", n)
	}
	classes := map[string]int{}
	for _, f := range a.found {
		class, _, _ := strings.Cut(f, ":")
		classes[class]++
	}
	requests, silent := a.tracker.seen()
	t.Logf("RESULT %s: %d vectors, %d pages opened, %d times clicked and so on; found %v; %d requests at the tracker, %d connections without a request, %d look-ups, %d strange requests at the portal",
		a.name, len(a.list), a.loads, a.acts, classes, requests, silent, n, len(a.strange))
	for _, what := range a.strange {
		t.Logf("the portal was asked: %s", what)
	}
}

// lookups counts in Chromium's log how often the name of a host of the tracker was looked up.
func lookups(t *testing.T, file string) int {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("the browser's log: %v", err)
	}
	return len(regexp.MustCompile(`"host":"[^"]*`+regexp.QuoteMeta(trackerAddress)).FindAll(raw, -1))
}
