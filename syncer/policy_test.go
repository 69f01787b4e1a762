package syncer_test

import (
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
)

// wouldDelete is the number that a person is told before a policy is saved.
func (w *world) wouldDelete(p store.Policy, days int) int {
	w.t.Helper()
	n, err := w.store.PolicyWouldDelete(w.t.Context(), w.user, w.account, p, days)
	w.check(err)
	return n
}

// What a policy is said to delete is what the sessions after it delete: also when they have
// to prove first, or to fetch first.
func TestPolicyPreviewIsTrue(t *testing.T) {
	t.Run("host changed before", func(t *testing.T) {
		for policy, days := range map[store.Policy]int{store.DeleteAfterDownload: 0, store.DeleteAfterDays: 2} {
			w := newWorld(t)
			w.add(5)
			w.sync()
			w.later.Add(int64(72 * time.Hour))
			w.update(func(s *store.Settings) { s.Host = "localhost" })
			told := w.wouldDelete(policy, days)
			w.update(func(s *store.Settings) { s.Policy, s.PolicyDays = policy, days })
			deleted := w.sync().Deleted + w.sync().Deleted
			if told != 5 || deleted != told {
				t.Errorf("policy %v: told %d, deleted %d", policy, told, deleted)
			}
		}
	})
	t.Run("first sync under way", func(t *testing.T) {
		w := newWorld(t)
		w.add(9)
		cut := pop3test.Cut("RETR", 5, 0)
		w.server.SetFaults(cut)
		w.trySync()
		w.server.SetFaults()
		here := len(w.stored())
		if here == 0 || here == 9 {
			t.Fatalf("%d messages here: this tests nothing", here)
		}
		if n := w.wouldDelete(store.DeleteAfterDays, 1); n != 0 {
			t.Errorf("after a day: %d", n)
		}
		told := w.wouldDelete(store.DeleteAfterDownload, 0)
		w.update(func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
		if deleted := w.sync().Deleted; told != 9 || deleted != told {
			t.Errorf("told %d, deleted %d", told, deleted)
		}
	})
}

// What the server has deleted with QUIT is on the account's page at once, not after the next
// check.
func TestCountsAfterDeletions(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	octets := w.current().ServerOctets
	w.deleteNow(w.stored()[1].ID, w.stored()[2].ID)
	counts := func(step string, server, waiting, onServer, gone int) {
		t.Helper()
		a := w.current()
		all, err := w.store.WaitingDeletions(t.Context(), w.user)
		w.check(err)
		drops, err := w.store.Maildrops(t.Context(), w.user)
		w.check(err)
		if a.ServerCount != server || all[w.account] != waiting || drops[0].Messages != onServer || drops[0].Gone != gone {
			t.Errorf("%s: %d on the server, %d waiting, %+v", step, a.ServerCount, all[w.account], drops[0])
		}
	}
	counts("asked for", 5, 2, 5, 0)
	w.server.SetFaults(pop3test.Cut("DELE", 2, 0))
	w.trySync()
	counts("cut", 5, 2, 5, 0)
	w.server.SetFaults()
	w.sync()
	counts("sent", 3, 0, 3, 2)
	if got := w.current().ServerOctets; got >= octets || got <= octets/2 {
		t.Errorf("%d octets of %d", got, octets)
	}
	w.sync()
	counts("confirmed", 3, 0, 3, 2)
}
