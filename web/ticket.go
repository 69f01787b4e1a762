package web

import (
	"sync"
	"time"

	"postern/store"
)

// Bounds of a sign-in that waits for its second factor.
const (
	ticketLife  = 5 * time.Minute
	ticketTries = 5
	maxTickets  = 10_000
)

// tickets are the sign-ins whose password was right and whose code is awaited. A ticket is known to the one browser
// that gave the password, and is worth nothing without the code. They live in memory: after a restart people sign in
// anew.
type tickets struct {
	now func() time.Time

	mu   sync.Mutex
	open map[string]*ticket // by the hash of what the browser holds
}

type ticket struct {
	user    store.User // as it was when the password was checked
	expires time.Time
	tries   int
}

func newTickets(now func() time.Time) *tickets {
	return &tickets{now: now, open: map[string]*ticket{}}
}

// issue returns what the browser has to show with the code.
func (t *tickets) issue(user store.User) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for key, old := range t.open {
		if now.After(old.expires) || len(t.open) >= maxTickets {
			delete(t.open, key)
		}
	}
	id := newID()
	t.open[string(hashID(id))] = &ticket{user: user, expires: now.Add(ticketLife)}
	return id
}

// try counts a try and returns whose ticket it is; false: there is none, or it is used up.
func (t *tickets) try(id string) (store.User, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := string(hashID(id))
	k := t.open[key]
	if k == nil || t.now().After(k.expires) || k.tries >= ticketTries {
		delete(t.open, key)
		return store.User{}, false
	}
	k.tries++
	return k.user, true
}

// done ends a ticket.
func (t *tickets) done(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, string(hashID(id)))
}
