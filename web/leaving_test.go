package web

import (
	"fmt"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/store"
)

// TestDeletionSaysWhereAndWhen: who deletes is told from which server it goes, and when.
func TestDeletionSaysWhereAndWhen(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	b := p.as(p.ann)
	n := 0
	next := func(at store.Next) {
		now := p.clock.Now()
		p.must(p.store.FinishSync(t.Context(), p.account(p.ann, work), store.Sync{Account: work, Started: now, Ended: now, OK: true}, at))
	}
	says := func(want string) {
		t.Helper()
		n++
		id := p.deliver(p.ann, work, mail(fmt.Sprint("Letter ", n), "text"))[0]
		b.post("/messages/actions", "action", "delete", "id", formatID(id)).leads(t, "/mail/inbox")
		b.get("/mail/inbox").has(t, "1 message moved to Trash. "+want)
	}
	at := p.clock.Now().Add(5 * time.Minute)
	next(store.Next{At: at})
	says("Will be deleted from mx7.example.com with the next check, at " + at.UTC().Format("15:04") + ".")
	next(store.Next{At: p.clock.Now().Add(10 * time.Second)})
	says("Will be deleted from mx7.example.com with the first check later than 20 seconds from now.")
	next(store.Next{At: p.clock.Now(), Pause: true})
	says("Will be deleted from mx7.example.com once it is checked again: its account is paused until you look at it.")

	settings := p.account(p.ann, work).Settings
	settings.Interval = 0
	p.must(p.store.UpdateAccount(t.Context(), p.ann.ID, work, settings, seal.Secret{}))
	next(store.Next{At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	says("Will be deleted from mx7.example.com with the next check, which begins when you ask for it.")
	settings.Policy = store.Keep
	p.must(p.store.UpdateAccount(t.Context(), p.ann.ID, work, settings, seal.Secret{}))
	kept := p.deliver(p.ann, work, mail("Kept", "text"))[0]
	b.post("/messages/actions", "action", "delete", "id", formatID(kept)).leads(t, "/mail/inbox")
	b.get("/mail/inbox").has(t, "1 message moved to Trash.").hasNot(t, "Will be deleted")

	var ids []string
	for i := range 5 {
		home := p.addAccount(p.ann, fmt.Sprint("home", i))
		ids = append(ids, "id", formatID(p.deliver(p.ann, home, mail(fmt.Sprint("Home ", i), "text"))[0]))
	}
	b.post("/messages/actions", append(ids, "action", "delete")...).leads(t, "/mail/inbox")
	b.get("/mail/inbox").has(t, "5 messages moved to Trash. Will be deleted from mx7.example.com", "Will be deleted from 2 more servers with their next checks.")
}
