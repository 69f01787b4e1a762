package syncer

import (
	"errors"
	"math/rand/v2"
	"time"

	"postern/store"
)

// Bounds of the time between checks.
const (
	firstRetry  = time.Minute
	longestWait = time.Hour
	loginApart  = 10 * time.Minute // between a refused login and the second try
)

// never is when an account is due that is checked by hand only.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// schedule decides when an account is due next, after a session that ended at now.
// delay is the server's least time between logins, unfinished that there is more to
// do at once.
func schedule(a store.Account, t *Trouble, delay time.Duration, unfinished bool, now time.Time) store.Next {
	regular := never
	if a.Interval > 0 {
		regular = now.Add(jitter(max(a.Interval, delay)))
	}
	switch {
	case t == nil && unfinished:
		return store.Next{At: now.Add(max(delay, time.Second))}
	case t == nil:
		return store.Next{At: regular}
	case errors.Is(t.Err, store.ErrChanged):
		return store.Next{At: now.Add(max(delay, time.Second))}
	case t.Kind == Interrupted:
		return store.Next{At: earlier(regular, now.Add(max(delay, firstRetry)))}
	case t.Kind == BadLogin:
		// Throttling can look like a wrong password, and more tries can lock the
		// account: the second refusal, some time later, makes it certain.
		return store.Next{At: now.Add(loginApart), BadLogin: true, Pause: a.AuthFailures >= 1}
	}
	return store.Next{At: now.Add(jitter(max(backOff(a.Failures), delay)))}
}

// backOff doubles from firstRetry with each failure before this one.
func backOff(failures int) time.Duration {
	wait := firstRetry
	for range min(failures, 10) {
		wait *= 2
	}
	return min(wait, longestWait)
}

// jitter spreads the checks of many accounts: up to a tenth later.
func jitter(d time.Duration) time.Duration { return d + time.Duration(rand.Int64N(int64(d)/10+1)) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
