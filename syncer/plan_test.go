package syncer

import (
	"fmt"
	"math/rand/v2"
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
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
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
				open = append(open, store.Deletion{ID: store.DeletionID(i), UID: uid, NotBefore: now.Add(time.Duration(r.IntN(40)-20) * time.Second)})
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
		for _, uid := range p.policy {
			if k := byUID[uid]; k == nil || !k.Retrieved || !k.Proved || k.Settled || a.Policy == store.Keep || a.Policy == store.DeleteOnDelete {
				t.Fatalf("seed %d: policy deletes %s: %+v", seed, uid, k)
			}
		}
		for _, d := range makeDeletions(open, listed, known, now) {
			k := byUID[d.UID]
			if k == nil || !k.Retrieved || !k.Proved || d.NotBefore.After(now) || listed[d.num-1].uid != d.UID {
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
	if d := after(schedule(a, nil, 0, false, now)); !within(d, 10*time.Minute) {
		t.Errorf("after success: %v", d)
	}
	if d := after(schedule(a, nil, 30*time.Minute, false, now)); !within(d, 30*time.Minute) {
		t.Errorf("with a login delay: %v", d)
	}
	if d := after(schedule(a, nil, 0, true, now)); d > 2*time.Second {
		t.Errorf("with more to do: %v", d)
	}
	last := time.Duration(0)
	for failures := range 12 {
		a.Failures = failures
		d := after(schedule(a, &Trouble{Kind: Unreachable}, 0, false, now))
		if d > longestWait+longestWait/10 || d < last/2 {
			t.Errorf("after %d failures: %v", failures, d)
		}
		last = d
	}
	if n := schedule(a, &Trouble{Kind: BadLogin}, 0, false, now); n.Pause || !n.BadLogin || after(n) < loginApart {
		t.Errorf("first refused login: %+v", n)
	}
	a.AuthFailures = 1
	if n := schedule(a, &Trouble{Kind: BadLogin}, 0, false, now); !n.Pause {
		t.Errorf("second refused login: %+v", n)
	}
	if n := schedule(store.Account{}, nil, 0, false, now); n.At.Year() != 9999 {
		t.Errorf("by hand only: %v", n.At)
	}
}
