package web

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"postern/store"
)

// checked ends a session of each account: the next one is an hour away, or waits for a person.
func (p *portal) checked(user store.User, pause bool, ids ...store.AccountID) {
	p.tb.Helper()
	for _, id := range ids {
		now := p.clock.Now()
		p.must(p.store.FinishSync(p.tb.Context(), p.account(user, id), store.Sync{Account: id, Started: now, Ended: now, OK: !pause},
			store.Next{At: now.Add(time.Hour), BadLogin: pause, Pause: pause}))
	}
}

// due are the accounts that the worker would check now.
func (p *portal) due() (ids []store.AccountID) {
	p.tb.Helper()
	accounts, err := p.store.DueAccounts(p.tb.Context(), p.clock.Now())
	p.must(err)
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestCheckNow(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	b.get("/mail/inbox").want(t, 200).hasNot(t, "Check now") // there is no account
	b.post("/accounts/sync").leads(t, "/mail/inbox")
	work, home, locked := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "home"), p.addAccount(p.ann, "locked")
	other := p.addAccount(p.bob, "other")
	p.checked(p.ann, false, work, home)
	p.checked(p.ann, true, locked)
	p.checked(p.bob, false, other)

	b.get("/mail/inbox").want(t, 200).has(t, `action="/accounts/sync"`, "Check now")
	b.get("/mail/trash").want(t, 200).hasNot(t, "Check now")
	b.get("/mail/inbox?q=x").want(t, 200).hasNot(t, "Check now")
	b.post("/accounts/sync", "return", "/mail/all").leads(t, "/mail/all")
	b.get("/mail/all").has(t, "Checking 2 accounts.")
	if got, want := p.due(), []store.AccountID{work, home}; !slices.Equal(got, want) {
		t.Errorf("due are %v, want %v: not those of others, nor the one that waits for its password", got, want)
	}
	if p.worker.woken != 2 {
		t.Errorf("the worker was woken %d times", p.worker.woken)
	}

	p.checked(p.ann, false, work, home)
	b.get("/mail/inbox?account="+formatID(locked)).has(t, `name="account" value="`+formatID(locked)+`"`, "Check now")
	b.post("/accounts/sync", "account", formatID(locked), "return", "/mail/inbox?account="+formatID(locked)).leads(t, "/mail/inbox?account="+formatID(locked))
	if got, want := p.due(), []store.AccountID{locked}; !slices.Equal(got, want) {
		t.Errorf("due are %v, want %v", got, want)
	}
	b.post("/accounts/sync", "account", formatID(other)).want(t, 404)
	b.post("/accounts/sync", "account", "x").want(t, 404)
}

// TestCheckNowSaysWhyNot: a check that does not begin at once says why, and when it does.
func TestCheckNowSaysWhyNot(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	work := p.addAccount(p.ann, "work")
	path := "/accounts/" + formatID(work)
	b.post(path+"/sync").leads(t, path)
	b.get(path).has(t, "Checking work.")

	wait := func(id store.AccountID, d time.Duration) string {
		now := p.clock.Now()
		p.must(p.store.FinishSync(t.Context(), p.account(p.ann, id), store.Sync{Account: id, Started: now, Ended: now, OK: true},
			store.Next{At: now.Add(time.Hour), LoginAfter: now.Add(d)}))
		return now.Add(d).UTC().Format("15:04")
	}
	at := wait(work, 5*time.Minute)
	b.post(path+"/sync").leads(t, path)
	b.get(path).has(t, "work is checked at "+at+": until then its server wants no login")
	b.post("/accounts/sync").leads(t, "/mail/inbox")
	b.get("/mail/inbox").has(t, "work is checked at "+at+": until then").hasNot(t, "Checking")

	home, locked := p.addAccount(p.ann, "home"), p.addAccount(p.ann, "locked")
	at = wait(home, 3*time.Minute)
	p.checked(p.ann, true, locked)
	b.post("/accounts/sync").leads(t, "/mail/inbox")
	b.get("/mail/inbox").has(t, "2 accounts are checked later, the first at "+at+":", "locked is not checked: it is paused until you look at it under Accounts.").hasNot(t, "Checking")
	p.clock.pass(6 * time.Minute)
	b.post("/accounts/sync").leads(t, "/mail/inbox")
	b.get("/mail/inbox").has(t, "Checking 2 accounts. locked is not checked")
}

// TestListNamesItsNewestMessage: the stream of events goes on from what the list was made of, the empty list too.
func TestListNamesItsNewestMessage(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	b := p.as(p.ann)
	b.get("/mail/inbox").want(t, 200).has(t, `data-since="0"`)
	ids := p.deliver(p.ann, id, mail("Hello", "text"))
	b.get("/mail/inbox").want(t, 200).has(t, `data-since="`+formatID(ids[0])+`"`)
	b.get("/mail/archive").want(t, 200).hasNot(t, "data-since")
	for given, want := range map[string]store.MessageID{"": -1, "x": -1, "-3": -1, "0": 0, "7": 7} {
		r := httptest.NewRequest("GET", "/events?since="+given, nil)
		if got := sinceOf(r); got != want {
			t.Errorf("since=%s is read as %d, want %d", given, got, want)
		}
	}
}
