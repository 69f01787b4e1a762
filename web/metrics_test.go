package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The figures are for programs on this machine that ask by themselves.
func TestMetricsAnswerLocally(t *testing.T) {
	p := newPortal(t)
	ask := func(remote, host string, change func(*http.Request)) int {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = remote, host
		if change != nil {
			change(r)
		}
		w := httptest.NewRecorder()
		p.server.Handler().ServeHTTP(w, r)
		return w.Code
	}
	if code := ask("127.0.0.1:4711", "127.0.0.1:8110", nil); code != 404 {
		t.Errorf("%d without being switched on", code)
	}
	p.server.figures = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "figures") })
	var err error
	p.server.handler, err = p.server.protected(p.server.routes())
	p.must(err)
	for _, test := range []struct {
		remote, host string
		change       func(*http.Request)
		want         int
	}{
		{"127.0.0.1:4711", "127.0.0.1:8110", nil, 200},
		{"[::1]:4711", "[::1]:8110", nil, 200},
		{"127.0.0.1:4711", "localhost:8110", nil, 200},
		{"192.0.2.1:4711", "127.0.0.1:8110", nil, 404},
		{"127.0.0.1:4711", "mail.example.com", nil, 404},
		{"127.0.0.1:4711", "127.0.0.1:8110", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, 404},
		{"127.0.0.1:4711", "127.0.0.1:8110", func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") }, 404},
		{"127.0.0.1:4711", "127.0.0.1:8110", func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = 1, 0 }, 404},
	} {
		if code := ask(test.remote, test.host, test.change); code != test.want {
			t.Errorf("from %s to %s: %d, want %d", test.remote, test.host, code, test.want)
		}
	}
}
