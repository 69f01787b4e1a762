package syncer

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"postern/store"
)

// Bounds of the time between checks.
const (
	shortest    = time.Minute
	longest     = 24 * time.Hour
	firstRetry  = time.Minute
	longestWait = time.Hour
	lookEvery   = 5 * time.Second  // between looks for accounts that are due: other processes make some so
	loginApart  = 10 * time.Minute // between a refused login and the second one that counts
)

// never is when an account is due that is checked by hand only.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// outcome is what a session has found out about when the next one may and should be.
type outcome struct {
	trouble    *Trouble      // nil: it ended well
	loginAfter time.Time     // the server wants no login before then (LOGIN-DELAY); zero: it did not say
	keeps      time.Duration // the server deletes what is older (EXPIRE); 0: it does not
	mail       bool          // new mail has come
	unfinished bool          // there is more to do at once
	learnt     bool          // why the connection broke for certain, and how to avoid it
}

// schedule decides when an account is due next, after a session that ended at now. One that
// is checked by hand only goes on with what was asked for while it makes progress, and is not
// tried again by itself.
func schedule(a store.Account, o outcome, now time.Time) store.Next {
	regular, retry := never, func(time.Duration) time.Time { return never }
	if a.Interval > 0 {
		regular, retry = now.Add(jitter(interval(a, o, now))), now.Add
	}
	next := store.Next{LoginAfter: o.loginAfter}
	switch t := o.trouble; {
	case t == nil && o.unfinished:
		next.At = now.Add(time.Second)
	case t == nil:
		next.At = regular
	case o.learnt:
		next.At = now.Add(time.Second) // each habit is learnt once
	case errors.Is(t.Err, store.ErrChanged):
		next.At, next.Stopped = now.Add(time.Second), true
	case t.Kind == Interrupted && errors.Is(t.Err, context.Canceled):
		next.At, next.Stopped = now, true // the next start finds it due
	case t.Kind == Interrupted:
		next.At, next.Stopped = earlier(regular, retry(firstRetry)), true
	case t.Kind == BadLogin:
		// Throttling can look like a wrong password, and more tries can lock the
		// account: a second refusal, some time later, makes it certain.
		next.At, next.BadLogin = retry(loginApart), true
		next.Pause = a.AuthFailures > 0 && now.Sub(a.RefusedAt) >= loginApart
	default:
		next.At = retry(jitter(backOff(a.Failures)))
		next.Pause = t.Kind == Changed // nothing is sent to it before a person has looked
	}
	if o.trouble != nil {
		next.Remedy = o.trouble.Kind.remedy()
	}
	if next.At.Before(o.loginAfter) {
		next.At = o.loginAfter
	}
	return next
}

// interval is how long after a session that went well the next one follows.
func interval(a store.Account, o outcome, now time.Time) time.Duration {
	d := a.Interval
	if a.Adaptive {
		quiet := time.Duration(0)
		if !o.mail {
			quiet = now.Sub(latest(a.Active, a.Created))
		}
		d = adapt(a.Interval, quiet)
	}
	if o.keeps > 0 {
		d = min(d, o.keeps/2) // what the server is about to delete is fetched in time
	}
	return d
}

// An account that is paced by its mail is checked a busyth as far apart as its interval
// says while mail comes, and up to quietly times as far apart when none does.
const (
	busy    = 4
	quietly = 8
)

// adapt is the time to the next check of an account without new mail for the time quiet:
// an eighth of it, within bounds.
func adapt(interval, quiet time.Duration) time.Duration {
	d := min(max(quiet/quietly, interval/busy), interval*quietly)
	return min(max(d, shortest), longest)
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

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
