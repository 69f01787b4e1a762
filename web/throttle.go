package web

import (
	"sync"
	"time"
)

// Bounds of the throttle.
const (
	freeAttempts = 5                // wrong passwords without a delay
	nameDelay    = 15 * time.Second // the longest delay for a name: a stranger must not lock its owner out
	networkDelay = 5 * time.Minute  // the longest delay for a network
	forgetAfter  = time.Hour
	maxThrottled = 20_000 // names and networks remembered
)

// throttle slows down who guesses passwords. An attempt counts as failed from its beginning, so that a thousand at
// once do not all pass; succeeded takes the count back.
type throttle struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*attempts
}

// attempts are the wrong passwords of one name or one network in a row.
type attempts struct {
	count int
	last  time.Time
	until time.Time // refused before
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, entries: map[string]*attempts{}}
}

// attempt counts an attempt on name from net ("": do not count by network). It returns how long to wait instead, when
// it came too early.
func (t *throttle) attempt(name, net string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	byName, byNet := t.entry("name "+name, now), &attempts{}
	if net != "" {
		byNet = t.entry("net "+net, now)
	}
	if wait = max(byName.until.Sub(now), byNet.until.Sub(now)); wait > 0 {
		return wait
	}
	byName.failed(now, nameDelay)
	byNet.failed(now, networkDelay)
	return 0
}

// succeeded forgets what was held against name and net.
func (t *throttle) succeeded(name, net string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, "name "+name)
	delete(t.entries, "net "+net)
}

// entry returns the attempts of a key. When there are too many keys, all that is old goes, and if that does not help
// everything: memory stays bounded whoever asks.
func (t *throttle) entry(key string, now time.Time) *attempts {
	e := t.entries[key]
	if e != nil && now.Sub(e.last) > forgetAfter {
		e = nil
	}
	if e == nil {
		if len(t.entries) >= maxThrottled {
			t.sweep(now)
		}
		e = &attempts{}
		t.entries[key] = e
	}
	return e
}

func (t *throttle) sweep(now time.Time) {
	for key, e := range t.entries {
		if now.Sub(e.last) > time.Minute {
			delete(t.entries, key)
		}
	}
	if len(t.entries) >= maxThrottled {
		clear(t.entries)
	}
}

// failed counts an attempt; from the sixth on, the delay doubles from one second up to longest.
func (a *attempts) failed(now time.Time, longest time.Duration) {
	a.count++
	a.last = now
	if over := a.count - freeAttempts; over >= 0 {
		a.until = now.Add(min(longest, time.Second<<min(over, 20)))
	}
}
