package web

import (
	"testing"

	"postern/store"
)

// An account that failed says so on every page, whichever account is looked at; the others say nothing.
func TestFailingAccountHasABanner(t *testing.T) {
	p := newPortal(t)
	failing, good := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "home")
	now := p.clock.Now()
	for _, v := range []store.Sync{{Account: failing, Sentence: "mx7.example.com refuses connections."}, {Account: good, OK: true, Sentence: "Nothing new."}} {
		v.Started, v.Ended = now, now
		p.must(p.store.FinishSync(t.Context(), p.account(p.ann, v.Account), v, store.Next{At: now}))
	}
	ann := p.as(p.ann)
	for _, path := range []string{"/mail/inbox", "/accounts/" + formatID(good), "/settings"} {
		ann.get(path).want(t, 200).has(t, "work: mx7.example.com refuses connections.").hasNot(t, "home: Nothing new.</")
	}
	ann.get("/accounts").has(t, "mx7.example.com refuses connections.").hasNot(t, "data-banner") // the list says it itself
	// A check that was stopped is no failure.
	p.must(p.store.FinishSync(t.Context(), p.account(p.ann, good), store.Sync{Account: good, Started: now, Ended: now, Sentence: "The sync was stopped by hand."}, store.Next{At: now, Stopped: true}))
	if a := p.account(p.ann, good); a.Failures != 0 {
		t.Errorf("%d failures", a.Failures)
	}
}
