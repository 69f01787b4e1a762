package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/store"
)

// TestBudgets: every route has its time; only the event stream, which sees to it itself, has none.
func TestBudgets(t *testing.T) {
	w := newWorld(t)
	w.eachRoute(func(method, pattern string) {
		if d := budget(w.path(pattern)); (d == 0) != (pattern == "/events") || d > downloadBudget {
			t.Errorf("%s %s: %s", method, pattern, d)
		}
	})
	for path, want := range map[string]time.Duration{"/export": downloadBudget, "/messages/1/raw": downloadBudget, "/messages/1/parts/2": downloadBudget, "/messages/1": pageBudget, "/mail/inbox": pageBudget, "/messages/actions": actionBudget} {
		if d := budget(path); d != want {
			t.Errorf("%s: %s, want %s", path, d, want)
		}
	}
}

// TestWriteDeadline: each request on a connection has a budget of its own, and the event stream is not cut by that of
// the request before.
func TestWriteDeadline(t *testing.T) {
	var deadlines []time.Time
	h := (&Server{}).limitTime(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, path := range []string{"/mail/inbox", "/events", "/messages/1/raw"} {
		h.ServeHTTP(&deadlineWriter{httptest.NewRecorder(), &deadlines}, httptest.NewRequest("GET", path, nil))
	}
	if len(deadlines) != 3 || time.Until(deadlines[0]) > pageBudget || deadlines[0].IsZero() || !deadlines[1].IsZero() || time.Until(deadlines[2]) < pageBudget {
		t.Errorf("deadlines %v", deadlines)
	}
}

type deadlineWriter struct {
	http.ResponseWriter
	deadlines *[]time.Time
}

func (w *deadlineWriter) SetWriteDeadline(at time.Time) error {
	*w.deadlines = append(*w.deadlines, at)
	return nil
}

// TestLargeHeaders: a header beyond the bound that serve sets is refused.
func TestLargeHeaders(t *testing.T) {
	p := newPortal(t)
	ts := httptest.NewUnstartedServer(p.server.Handler())
	ts.Config.MaxHeaderBytes = 64 << 10
	ts.Start()
	defer ts.Close()
	conn, err := net.Dial("tcp", ts.Listener.Addr().String())
	p.must(err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	go conn.Write([]byte("GET /login HTTP/1.1\r\nHost: x\r\nX-Much: " + strings.Repeat("a", 1<<20) + "\r\n\r\n"))
	buf := make([]byte, 12)
	if _, err := conn.Read(buf); err == nil && string(buf) != "HTTP/1.1 431" {
		t.Errorf("a header of 1 MiB: %q", buf)
	}
}

func TestPlaces(t *testing.T) {
	p := &places{all: 3, each: 2}
	var leave []func()
	for i, c := range []struct {
		user store.UserID
		ok   bool
	}{{1, true}, {1, true}, {1, false}, {2, true}, {3, false}} {
		l, ok := p.take(c.user)
		if ok != c.ok {
			t.Errorf("step %d: %v", i, ok)
		}
		if ok {
			leave = append(leave, l)
		}
	}
	for _, l := range leave {
		l()
	}
	if p.total != 0 || len(p.taken) != 0 {
		t.Errorf("left: %+v", p)
	}
}
