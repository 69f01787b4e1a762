package web

import (
	"context"
	"io"
	"net/http"
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
