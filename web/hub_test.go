package web

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/i18n"
	"postern/store"
)

// TestHubNeverWaits reports far more than anybody takes: the worker goes on, and what waits stays small.
func TestHubNeverWaits(t *testing.T) {
	h := NewHub()
	slow, other := h.open(1), h.open(2)
	var wg sync.WaitGroup
	for account := range store.AccountID(3) {
		wg.Go(func() {
			h.SyncStarted(1, account)
			for i := range 10_000 {
				h.SyncProgress(1, account, "retrieving", i, 10_000, int64(i), -1)
				h.MailArrived(1, account, 1)
			}
			h.SyncEnded(1, store.Sync{Account: account})
		})
	}
	wg.Wait()
	n := h.take(slow)
	if len(n.progress) != 0 || len(n.synced) != 3 || n.mail[1] != 10_000 || !n.counts {
		t.Errorf("what waits: %+v", n)
	}
	if n := h.take(other); n.counts || len(n.synced) > 0 || len(n.mail) > 0 {
		t.Errorf("another user hears of it: %+v", n)
	}
	if n := h.take(slow); n.counts || len(n.mail) > 0 {
		t.Error("the same news twice")
	}
}

func TestHubProgress(t *testing.T) {
	h := NewHub()
	if _, working := h.Progress(7); working {
		t.Error("nothing runs")
	}
	h.SyncStarted(1, 7)
	if p, working := h.Progress(7); !working || p.text(i18n.Locale{}) != "Connecting…" {
		t.Errorf("%+v", p)
	}
	h.SyncProgress(1, 7, "deleting", 1, 3, 0, -1)
	if p, _ := h.Progress(7); p.text(i18n.Locale{}) != "Deleting on the server: 1 of 3" {
		t.Errorf("%q", p.text(i18n.Locale{}))
	}
	h.SyncEnded(1, store.Sync{Account: 7})
	if _, working := h.Progress(7); working {
		t.Error("it has ended")
	}
}

func TestHubClose(t *testing.T) {
	h := NewHub()
	var streams []*stream
	for range maxStreams {
		streams = append(streams, h.open(1))
	}
	if h.open(1) != nil {
		t.Error("more streams than allowed")
	}
	if h.open(2) == nil {
		t.Error("another user is kept out")
	}
	h.end(streams[0])
	h.end(streams[0])
	if h.open(1) == nil {
		t.Error("the place of a stream that ended is not free")
	}
	h.Close()
	h.SyncStarted(1, 1)
	if _, open := <-streams[1].wake; open {
		t.Error("a stream goes on after Close")
	}
	if h.open(1) != nil {
		t.Error("a stream began after Close")
	}
}

// listen opens an event stream as a browser does.
func (b *browser) listen(ctx context.Context, url string) *bufio.Scanner {
	b.tb.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	b.must(err)
	for _, c := range b.cookies {
		// The test's server has a port of its own, and the cookie carries its name.
		r.AddCookie(&http.Cookie{Name: b.server.sessions.cookieName(r), Value: c.Value})
	}
	r.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultTransport.RoundTrip(r)
	b.must(err)
	b.tb.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		b.tb.Fatalf("status %d, %q", res.StatusCode, res.Header.Get("Content-Type"))
	}
	return bufio.NewScanner(res.Body)
}

// next returns the next event of a stream with that name, decoded.
func next(t *testing.T, lines *bufio.Scanner, name string) map[string]any {
	t.Helper()
	for lines.Scan() {
		if lines.Text() != "event: "+name || !lines.Scan() {
			continue
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Fatalf("the stream ended before a %q: %v", name, lines.Err())
	return nil
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	defer ts.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ann := w.as(w.ann)
	lines := ann.listen(ctx, ts.URL+"/events")
	if v := next(t, lines, "counts"); v["unread"] != "2" {
		t.Errorf("at first: %v", v)
	}
	if v := next(t, lines, "sync"); v["state"] != "ok" || v["here"] != "3" || v["waiting"] != "1" {
		t.Errorf("at first: %v", v)
	}
	hub := w.server.hub
	hub.SyncStarted(w.ann.ID, w.account)
	if v := next(t, lines, "sync"); v["state"] != "working" || v["account"] != formatID(w.account) {
		t.Errorf("begun: %v", v)
	}
	hub.SyncProgress(w.ann.ID, w.account, "retrieving", 50, 200, 1_500_000, time.Minute)
	for {
		v := next(t, lines, "progress")
		if v["phase"] == "connecting" {
			continue
		}
		if v["percent"] != 25.0 || v["text"] != "50 of 200 · 1.5 MB · 60 s left" {
			t.Errorf("progress: %v", v)
		}
		break
	}
	w.deliver(w.ann, w.account, mail("Fresh", "x"))
	hub.MailArrived(w.ann.ID, w.account, 1)
	if v := next(t, lines, "mail"); v["text"] != "1 new message" || v["new"] != 1.0 {
		t.Errorf("mail: %v", v)
	}
	ann.post("/messages/actions", "id", formatID(w.message), "action", "read")
	if v := next(t, lines, "counts"); v["unread"] != "2" {
		t.Errorf("after one came and one was read: %v", v)
	}
	hub.SyncEnded(w.ann.ID, store.Sync{Account: w.account})
	if v := next(t, lines, "sync"); v["state"] != "ok" {
		t.Errorf("ended: %v", v)
	}

	late := ann.listen(ctx, ts.URL+"/events?since="+formatID(w.parcel))
	if v := next(t, late, "mail"); v["text"] != "1 new message" || v["account"] != formatID(w.account) {
		t.Errorf("what a page from before has missed: %v", v)
	}
	w.server.Close()
	for _, l := range []*bufio.Scanner{lines, late} {
		for l.Scan() {
		}
	}
}

// TestEventsSlowBrowser: a browser that does not read is dropped, and nobody waits for it.
func TestEventsSlowBrowser(t *testing.T) {
	p := newPortal(t)
	p.server.patience = 50 * time.Millisecond
	id := p.addAccount(p.ann, "work")
	browser, conn := net.Pipe() // holds nothing back: each write waits for its reader
	defer browser.Close()
	served := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		p.server.Handler().ServeHTTP(w, r)
	})}
	go server.Serve(&onePipe{conn: conn})
	defer server.Close()
	b := p.as(p.ann)
	r := httptest.NewRequest("GET", "http://"+b.host+"/events", nil)
	r.AddCookie(b.cookies["postern-8110"])
	p.must(r.Write(browser)) // and never read
	began := time.Now()
	for {
		select {
		case <-served:
			return
		case <-time.After(time.Millisecond):
			p.server.hub.SyncStarted(p.ann.ID, id)
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("the stream is still there")
		}
	}
}

// onePipe is a listener with one connection.
type onePipe struct {
	conn net.Conn
	done bool
}

func (l *onePipe) Accept() (net.Conn, error) {
	if l.done {
		return nil, io.EOF
	}
	l.done = true
	return l.conn, nil
}

func (l *onePipe) Close() error   { return nil }
func (l *onePipe) Addr() net.Addr { return &net.TCPAddr{} }

// TestEventsSessionOver: the stream of a browser that was signed out ends with the next pulse.
func TestEventsSessionOver(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	r := httptest.NewRequest("GET", "http://"+b.host+"/events", nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	v, err := p.server.current(r)
	p.must(err)
	if over, err := p.server.sessionOver(t.Context(), v); over || err != nil {
		t.Fatalf("over %v, %v", over, err)
	}
	b.post("/logout")
	if over, _ := p.server.sessionOver(t.Context(), v); !over {
		t.Error("the stream would go on")
	}
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		pause(ctx, time.Minute)
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("paused %s", d)
		}
		cancel()
		pause(ctx, time.Minute)
		if d := time.Since(begin); d != time.Minute {
			t.Error("a pause outlives its context")
		}
	})
}

// TestEventsEndWithTheSession: a browser that was signed out elsewhere hears nothing more.
func TestEventsEndWithTheSession(t *testing.T) {
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	defer ts.Close()
	defer w.server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	lines := w.as(w.ann).listen(ctx, ts.URL+"/events")
	next(t, lines, "counts")
	w.must(w.store.EndSessions(t.Context(), w.ann.ID, nil))
	w.server.hub.MailArrived(w.ann.ID, w.account, 1)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "event: mail") {
			t.Error("the stream goes on after the session ended")
		}
	}
	if ctx.Err() != nil {
		t.Error("the stream did not end")
	}
}
