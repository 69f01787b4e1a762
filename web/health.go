package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// livez: GET /livez. The process answers.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "alive\n")
}

// readyz: GET /readyz. What is fetched can be stored.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.ready.check(r.Context(), s.store.Writable); err != nil {
		s.log.WarnContext(r.Context(), "the store cannot be written", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "the store cannot be written\n")
		return nil
	}
	_, _ = io.WriteString(w, "ready\n")
	return nil
}

// metrics: GET /metrics. Figures without names, for programs on this machine that ask by themselves: whoever comes
// through a proxy finds no such page.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if !asksLocally(r) {
		return noPage
	}
	s.figures.ServeHTTP(w, r)
	return nil
}

// asksLocally tells that a program on this machine asks, and no proxy for somebody else: proxies name those they speak
// for, or the host that was asked, or speak HTTP/1.0 (nginx, unless told otherwise).
func asksLocally(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	named := host == "localhost" || err == nil && addr.IsLoopback()
	return named && r.ProtoAtLeast(1, 1) && clientAddress(r, nil).IsLoopback()
}

// readiness remembers the last check for a second: the route is open to everyone, and a check writes to disk.
type readiness struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (r *readiness) check(ctx context.Context, writable func(context.Context) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) > time.Second {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		r.err, r.at = writable(ctx), time.Now()
	}
	return r.err
}
