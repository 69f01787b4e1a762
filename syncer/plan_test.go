package syncer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"postern/store"
)

// TestPlanOverRandomWorlds makes plans for random listings, stores and ledgers, carries
// them out on a model, and holds the rules: nothing is deleted that is not stored and
// proved, nothing known is retrieved, and it ends with everything known.
func TestPlanOverRandomWorlds(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		now := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
		a := store.Account{Settings: store.Settings{Policy: store.Policy(1 + r.IntN(4)), PolicyDays: 1 + r.IntN(5)}}
		var listed []entry
		var known []store.UniqueID
		var open []store.Deletion
		for i := range r.IntN(20) {
			uid := fmt.Sprint("u", i)
			size := int64(1 + r.IntN(100))
			if r.IntN(3) > 0 {
				listed = append(listed, entry{num: len(listed) + 1, uid: uid, octets: size})
			}
			if r.IntN(3) > 0 {
				k := store.UniqueID{UID: uid, Octets: size, FirstSeen: now.Add(-time.Duration(r.IntN(200)) * time.Hour),
					Listed: r.IntN(2) > 0, Retrieved: r.IntN(4) > 0, Settled: r.IntN(4) == 0, Tries: r.IntN(5), Tried: now}
				k.Proved = k.Retrieved && k.Listed && r.IntN(4) > 0
				known = append(known, k)
			}
			if r.IntN(3) == 0 {
				open = append(open, store.Deletion{ID: store.DeletionID(i), UID: uid, Message: store.MessageID(r.IntN(2)), State: store.DeletionState(1 + r.IntN(3)),
					NotBefore: now.Add(time.Duration(r.IntN(40)-20) * time.Second)})
			}
		}
		p := makePlan(a, listed, known, 90, now)
		byUID := map[string]*store.UniqueID{}
		for i := range known {
			byUID[known[i].UID] = &known[i]
		}
		for _, e := range p.retrieve {
			if k := byUID[e.uid]; k != nil && k.Retrieved {
				t.Fatalf("seed %d: retrieves the known %s", seed, e.uid)
			}
		}
		if want := wantedByPolicy(a, listed, byUID, now); !slices.Equal(slices.Sorted(slices.Values(p.policy)), want) {
			t.Fatalf("seed %d: policy deletes %q, want %q", seed, p.policy, want)
		}
		for _, uid := range p.policy {
			if k := byUID[uid]; k == nil || !k.Retrieved || !k.Proved || k.Settled || a.Policy == store.Keep || a.Policy == store.DeleteOnDelete {
				t.Fatalf("seed %d: policy deletes %s: %+v", seed, uid, k)
			}
		}
		for _, d := range makeDeletions(open, listed, known, now) {
			k := byUID[d.UID]
			if k == nil || !k.Retrieved || !k.Proved || k.Message != d.Message || d.NotBefore.After(now) || listed[d.num-1].uid != d.UID {
				t.Fatalf("seed %d: deletes %s: %+v", seed, d.UID, k)
			}
		}
		if n := len(p.retrieve) + len(p.unproved) + len(p.skipped) + countProved(listed, byUID); n != len(listed) {
			t.Fatalf("seed %d: %d of %d listed messages have a place in the plan", seed, n, len(listed))
		}

		// Carried out, the next plan has nothing left to do.
		for _, e := range append(p.retrieve, p.unproved...) {
			if byUID[e.uid] == nil {
				known = append(known, store.UniqueID{UID: e.uid, FirstSeen: now, Tried: now})
			}
		}
		done := map[string]bool{}
		for _, e := range append(p.retrieve, p.unproved...) {
			done[e.uid] = true
		}
		here := map[string]bool{}
		for _, e := range listed {
			here[e.uid] = true
		}
		for i := range known {
			k := &known[i]
			k.Listed = here[k.UID]
			k.Retrieved = k.Retrieved || done[k.UID]
			k.Proved = here[k.UID] && (k.Proved || done[k.UID])
		}
		if q := makePlan(a, listed, known, 90, now); len(q.retrieve)+len(q.unproved)+len(q.missing)+len(q.back) != 0 {
			t.Fatalf("seed %d: does not converge: %+v", seed, q)
		}
	}
}

// wantedByPolicy says it once more, by the words of the policies: what is stored, proved
// and listed, was not taken back, and is due.
func wantedByPolicy(a store.Account, listed []entry, known map[string]*store.UniqueID, now time.Time) (uids []string) {
	for _, e := range listed {
		k := known[e.uid]
		if k == nil || !k.Retrieved || !k.Proved || k.Settled {
			continue
		}
		old := now.Sub(k.FirstSeen) >= time.Duration(a.PolicyDays)*24*time.Hour && k.FirstSeen.Year() >= 2026
		if a.Policy == store.DeleteAfterDownload || a.Policy == store.DeleteAfterDays && old {
			uids = append(uids, e.uid)
		}
	}
	slices.Sort(uids)
	return uids
}

func countProved(listed []entry, known map[string]*store.UniqueID) (n int) {
	for _, e := range listed {
		if k := known[e.uid]; k != nil && k.Retrieved && k.Proved {
			n++
		}
	}
	return n
}

func TestRenumberedNeedsMostOfTheMaildrop(t *testing.T) {
	known := func(n int) (all []store.UniqueID) {
		for i := range n {
			all = append(all, store.UniqueID{UID: fmt.Sprint(i), Listed: true, Retrieved: true})
		}
		return all
	}
	for _, test := range []struct {
		known, missing, new int
		want                bool
	}{{10, 10, 10, true}, {10, 6, 4, true}, {10, 5, 5, false}, {10, 10, 0, false}, {10, 0, 10, false}, {0, 0, 10, false}} {
		p := plan{missing: make([]string, test.missing), retrieve: make([]entry, test.new)}
		if got := p.renumbered(known(test.known)); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestSchedule(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a := store.Account{Settings: store.Settings{Interval: 10 * time.Minute}}
	after := func(n store.Next) time.Duration { return n.At.Sub(now) }
	within := func(got, low time.Duration) bool { return got >= low && got <= low+low/10 }
	if d := after(schedule(a, outcome{}, now)); !within(d, 10*time.Minute) {
		t.Errorf("after success: %v", d)
	}
	if n := schedule(a, outcome{loginAfter: now.Add(30 * time.Minute)}, now); after(n) != 30*time.Minute || !n.LoginAfter.Equal(n.At) {
		t.Errorf("with a login delay: %v", n)
	}
	if d := after(schedule(a, outcome{unfinished: true}, now)); d > 2*time.Second {
		t.Errorf("with more to do: %v", d)
	}
	if d := after(schedule(a, outcome{unfinished: true, loginAfter: now.Add(5 * time.Minute)}, now)); d != 5*time.Minute {
		t.Errorf("with more to do and a login delay: %v", d)
	}
	if d := after(schedule(store.Account{Settings: store.Settings{Interval: 24 * time.Hour}}, outcome{keeps: 24 * time.Hour}, now)); !within(d, 12*time.Hour) {
		t.Errorf("where mail is deleted after a day: %v", d)
	}
	last := time.Duration(0)
	for failures := range 12 {
		a.Failures = failures
		d := after(schedule(a, outcome{trouble: &Trouble{Kind: Unreachable}}, now))
		if d > longestWait+longestWait/10 || d < last/2 {
			t.Errorf("after %d failures: %v", failures, d)
		}
		last = d
	}
	if n := schedule(store.Account{}, outcome{}, now); n.At.Year() != 9999 {
		t.Errorf("by hand only: %v", n.At)
	}
	if n := schedule(a, outcome{trouble: &Trouble{Kind: Interrupted}}, now); !n.Stopped || !within(after(n), firstRetry) {
		t.Errorf("stopped by hand: %+v", n)
	}
	if n := schedule(a, outcome{trouble: &Trouble{Kind: Interrupted, Err: context.Canceled}}, now); !n.Stopped || after(n) != 0 {
		t.Errorf("ended with the program: %+v", n)
	}
}

// TestScheduleByHandOnly: who asked for a check gets that one, and no other by itself.
func TestScheduleByHandOnly(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		outcome
		goesOn bool
	}{
		{outcome{}, false},
		{outcome{trouble: &Trouble{Kind: Unreachable}}, false},
		{outcome{trouble: &Trouble{Kind: Busy}, loginAfter: now.Add(time.Minute)}, false},
		{outcome{trouble: &Trouble{Kind: BadLogin}}, false},
		{outcome{trouble: &Trouble{Kind: Here}}, false},
		{outcome{trouble: &Trouble{Kind: Interrupted, Err: errStopped}}, false},
		{outcome{trouble: &Trouble{Kind: Interrupted, Err: errTooSlow}}, false},
		{outcome{unfinished: true}, true},
		{outcome{trouble: &Trouble{Kind: Interrupted, Err: store.ErrChanged}}, true},
		{outcome{trouble: &Trouble{Kind: Interrupted, Err: context.Canceled}}, true},
	} {
		if n := schedule(store.Account{Failures: 1}, test.outcome, now); n.At.Before(never) != test.goesOn {
			t.Errorf("after %+v (%v): due at %v", test.trouble, test.unfinished, n.At)
		}
	}
}

// A wrong password counts when it is refused twice, some time apart: what is refused
// twice in a row may be throttling.
func TestScheduleOfRefusedLogins(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	refused := outcome{trouble: &Trouble{Kind: BadLogin}}
	for _, test := range []struct {
		before int
		ago    time.Duration
		pause  bool
	}{{0, 0, false}, {1, time.Second, false}, {3, loginApart - 1, false}, {1, loginApart, true}} {
		a := store.Account{Settings: store.Settings{Interval: time.Minute}, AuthFailures: test.before, RefusedAt: now.Add(-test.ago)}
		if n := schedule(a, refused, now); n.Pause != test.pause || !n.BadLogin || n.At.Sub(now) < loginApart {
			t.Errorf("%+v: %+v", test, n)
		}
	}
}

func TestAdaptiveInterval(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		interval, quiet, want time.Duration
	}{
		{10 * time.Minute, 0, 150 * time.Second},
		{10 * time.Minute, 80 * time.Minute, 10 * time.Minute},
		{10 * time.Minute, 30 * 24 * time.Hour, 80 * time.Minute},
		{time.Minute, 0, time.Minute},
		{24 * time.Hour, 0, 6 * time.Hour},
		{24 * time.Hour, 30 * 24 * time.Hour, 24 * time.Hour},
	} {
		a := store.Account{Settings: store.Settings{Interval: test.interval, Adaptive: true}, Active: now.Add(-test.quiet)}
		got := schedule(a, outcome{}, now).At.Sub(now)
		if got < test.want || got > test.want+test.want/10 {
			t.Errorf("%v, quiet for %v: %v, want %v", test.interval, test.quiet, got, test.want)
		}
	}
	old := store.Account{Settings: store.Settings{Interval: time.Hour, Adaptive: true}, Active: now.AddDate(-1, 0, 0)}
	if got := schedule(old, outcome{mail: true}, now).At.Sub(now); got > 20*time.Minute {
		t.Errorf("after mail has come: %v", got)
	}
}
