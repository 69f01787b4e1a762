package web

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"postern/store"
)

// How long an answer may take, from the request's header to the last octet that the browser takes.
const (
	pageBudget     = time.Minute
	actionBudget   = actTime + time.Minute // an action on a whole list
	downloadBudget = 2 * time.Hour         // mail's own octets, over a slow line
)

// budget is how long the answer to a path may take; 0: the handler sees to it itself.
func budget(path string) time.Duration {
	switch {
	case path == "/events":
		return 0
	case path == "/messages/actions" || path == "/undo":
		return actionBudget
	case path == "/export":
		return downloadBudget
	case strings.HasPrefix(path, "/messages/") && (strings.Contains(path, "/parts/") || strings.HasSuffix(path, "/raw") || strings.HasSuffix(path, ".zip")):
		return downloadBudget
	}
	return pageBudget
}

// limitTime ends answers that a browser does not take within their budget.
func (s *Server) limitTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var end time.Time // none; also takes back that of the request before on the same connection
		if d := budget(strings.TrimPrefix(r.URL.Path, s.address.path)); d > 0 {
			end = time.Now().Add(d)
		}
		// Where a deadline cannot be set (a recorder in a test), a write cannot hang either.
		_ = http.NewResponseController(w).SetWriteDeadline(end)
		next.ServeHTTP(w, r)
	})
}

// places bound what runs at once, for all and for each user, so that nobody takes the places of others.
type places struct {
	all, each int

	mu    sync.Mutex
	taken map[store.UserID]int
	total int
}

// take takes a place; leave gives it back. ok is false when there is none.
func (p *places) take(user store.UserID) (leave func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total >= p.all || p.taken[user] >= p.each {
		return nil, false
	}
	if p.taken == nil {
		p.taken = map[store.UserID]int{}
	}
	p.total++
	p.taken[user]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.total--
		if p.taken[user]--; p.taken[user] == 0 {
			delete(p.taken, user)
		}
	}, true
}
