package web

import (
	"sync"
	"time"
)

// Bounds of the throttle.
const (
	freeAttempts = 5                // wrong passwords without a delay
	nameDelay    = 15 * time.Second // the longest delay for a name: a stranger must not lock its owner out
	codeDelay    = 5 * time.Minute  // the same for codes: whoever comes that far has the password
	networkDelay = 5 * time.Minute  // the longest delay for a network
	forgetAfter  = time.Hour
	maxThrottled = 20_000 // names and networks remembered
)

// throttle slows down who guesses passwords. An attempt counts as failed from its beginning, so that a thousand at
// once do not all pass; succeeded takes the count back.
type throttle struct {
	now       func() time.Time
	nameDelay time.Duration // the longest for a name

	mu      sync.Mutex
	entries map[string]*attempts
}

// attempts are the wrong passwords of one name or one network in a row.
type attempts struct {
	count int
	last  time.Time
	until time.Time // refused before
}

func newThrottle(now func() time.Time, nameDelay time.Duration) *throttle {
	return &throttle{now: now, nameDelay: nameDelay, entries: map[string]*attempts{}}
}

// attempt counts an attempt on name from net ("": do not count by network). It returns how long to wait instead, when
// it came too early; such an attempt leaves nothing behind, so that refused ones cannot fill the memory.
func (t *throttle) attempt(name, net string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	nameKey, netKey := "name "+name, ""
	if net != "" {
		netKey = "net " + net
	}
	if wait = max(t.wait(nameKey, now), t.wait(netKey, now)); wait > 0 {
		return wait
	}
	t.entry(nameKey, now).failed(now, t.nameDelay)
	if netKey != "" {
		t.entry(netKey, now).failed(now, networkDelay)
	}
	return 0
}

// wait is how long a key is still refused.
func (t *throttle) wait(key string, now time.Time) time.Duration {
	if e := t.entries[key]; e != nil {
		return e.until.Sub(now)
	}
	return 0
}

// succeeded forgets what was held against name and net.
func (t *throttle) succeeded(name, net string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, "name "+name)
	delete(t.entries, "net "+net)
}

// entry returns the attempts of a key, made anew when there are none. Of too many keys some go first: memory stays
// bounded whoever asks.
func (t *throttle) entry(key string, now time.Time) *attempts {
	e := t.entries[key]
	if e == nil || now.Sub(e.last) > forgetAfter {
		delete(t.entries, key)
		if len(t.entries) >= maxThrottled {
			t.sweep(now)
		}
		e = &attempts{}
		t.entries[key] = e
	}
	return e
}

// sweep forgets every key that is old and not refused any more or, when there is none, the one that would be let in
// soonest. A delay that has long to run so outlives any number of other keys.
func (t *throttle) sweep(now time.Time) {
	var least string
	dropped := false
	for key, e := range t.entries {
		if now.Sub(e.last) > time.Minute && !e.until.After(now) {
			delete(t.entries, key)
			dropped = true
		} else if l := t.entries[least]; l == nil || e.before(l) {
			least = key
		}
	}
	if !dropped {
		delete(t.entries, least)
	}
}

// before tells whether a is let in sooner than b, or was last heard of before it.
func (a *attempts) before(b *attempts) bool {
	if !a.until.Equal(b.until) {
		return a.until.Before(b.until)
	}
	return a.last.Before(b.last)
}

// failed counts an attempt; from the sixth on, the delay doubles from one second up to longest.
func (a *attempts) failed(now time.Time, longest time.Duration) {
	a.count++
	a.last = now
	if over := a.count - freeAttempts; over >= 0 {
		a.until = now.Add(min(longest, time.Second<<min(over, 20)))
	}
}
