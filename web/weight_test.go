package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/static"
)

// What a page may weigh on the line, in octets.
const (
	mostCode = 30_000 // all scripts and styles
	mostList = 40_000 // the first page of a list, with everything that it shows
)

// TestWeight: a full page of a list, and all that it brings, as a browser gets it for the first time.
func TestWeight(t *testing.T) {
	w := newWorld(t)
	for i := range 60 {
		w.deliver(w.ann, w.account, mail(fmt.Sprintf("Number %d of some sixty: %x", i, i*7919), strings.Repeat(fmt.Sprintf("words that come up %d times, and then %d more ", i, i*i), 5)))
	}
	ann := w.as(w.ann)
	ann.header.Set("Accept-Encoding", "gzip")
	page := ann.get("/mail/inbox").want(t, 200)
	list := len(page.body)
	unpacked, err := gzip.NewReader(strings.NewReader(page.body))
	w.must(err)
	html, err := io.ReadAll(unpacked)
	w.must(err)
	if rows := strings.Count(string(html), `class="row`); rows < 50 {
		t.Fatalf("%d rows", rows)
	}
	code, all := 0, list
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`).FindAllStringSubmatch(string(html), -1) {
		path := m[1]
		if seen[path] || path == static.Path("icon-192.png") { // which is for who installs the portal
			continue
		}
		seen[path] = true
		n := len(ann.get(path).want(t, 200).body)
		t.Logf("%6d %s", n, path)
		all += n
		if strings.HasSuffix(path, ".css") || strings.HasSuffix(path, ".js") {
			code += n
		}
	}
	t.Logf("%6d the page itself, %d unpacked; scripts and styles %d, all %d", list, len(html), code, all)
	if code > mostCode || all > mostList || code == 0 {
		t.Errorf("scripts and styles weigh %d octets, at most %d; the page with all that it brings %d, at most %d", code, mostCode, all, mostList)
	}
}

// TestPacked: pages come compressed to who takes that, the same as to others, and never twice of the same length for long.
func TestPacked(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	plain := ann.get("/settings/senders").want(t, 200)
	ann.header.Set("Accept-Encoding", "br, gzip;q=0.5")
	lengths := map[int]bool{}
	for range 20 {
		packed := ann.get("/settings/senders").want(t, 200)
		lengths[len(packed.body)] = true
		r, err := gzip.NewReader(strings.NewReader(packed.body))
		w.must(err)
		got, err := io.ReadAll(r)
		w.must(err)
		if string(got) != plain.body || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != plain.Header.Get("Vary") {
			t.Fatalf("unpacked: %s", got)
		}
	}
	if len(lengths) < 5 {
		t.Errorf("only %d lengths", len(lengths))
	}
}

// slowly sends what h answers in small pieces with pauses, as a bad line does.
func slowly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			h.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		whole := httptest.NewRecorder()
		h.ServeHTTP(whole, r)
		maps.Copy(w.Header(), whole.Header())
		w.WriteHeader(whole.Code)
		for piece := range slices.Chunk(whole.Body.Bytes(), 500) {
			w.Write(piece)
			w.(http.Flusher).Flush()
			time.Sleep(25 * time.Millisecond)
		}
	})
}

// TestNothingShifts: while a page is built up nothing on it moves, however slowly it comes.
func TestNothingShifts(t *testing.T) {
	w, page, _ := seen(t)
	line := httptest.NewServer(slowly(w.server.Handler()))
	t.Cleanup(func() { w.server.Close(); line.Close() })
	base := line.URL // with the cookie of the other, which has the same host
	for i := range 5 {
		w.deliver(w.ann, w.account, mail(fmt.Sprintf("Number %d", i), "words"))
	}
	shifts := func() string {
		time.Sleep(300 * time.Millisecond) // what comes late is what shifts
		return page.Eval(`new Promise(done => { let sum = 0; new PerformanceObserver(l => l.getEntries().forEach(e => sum += e.value)).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 100) })`)
	}
	for _, path := range []string{"/mail/inbox", "/messages/" + formatID(w.message), "/messages/" + formatID(w.parcel), "/mail/all?q=newsletter", "/settings", "/accounts/" + formatID(w.account)} {
		page.Goto(base + path)
		if shift := shifts(); shift != "0" {
			t.Errorf("%s: the layout shifts by %s", path, shift)
		}
	}
	page.Eval(`document.querySelector("main").style.paddingTop = "9rem"`)
	if shifts() == "0" {
		t.Error("a shift is not noticed: the test proves nothing")
	}
}
