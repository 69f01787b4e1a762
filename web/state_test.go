package web

import (
	"fmt"
	"testing"

	"postern/store"
)

// TestServerStates follows deletions to their ends, as the pages tell of them.
func TestServerStates(t *testing.T) {
	p := newPortal(t)
	ctx := t.Context()
	work := p.addAccount(p.ann, "work")
	raws := []string{mail("Deleted one", "a"), mail("Refused one", "b"), mail("Gone one", "c")}
	ids := p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	page := func(i int) answer { return ann.get("/messages/"+formatID(ids[i])).want(t, 200) }

	page(0).hasNot(t, "mx7.example.com")
	ann.action("id", formatID(ids[0]), "id", formatID(ids[1]), "action", "delete")
	p.clock.pass(store.UndoWindow + 1)
	open, err := p.store.OpenDeletions(ctx, p.ann.ID, work)
	p.must(err)
	both := []store.DeletionID{open[0].ID, open[1].ID}
	_, err = p.store.ClaimDeletions(ctx, p.account(p.ann, work), both)
	p.must(err)
	page(0).has(t, "Is being deleted on mx7.example.com.").hasNot(t, "Cancel deletion")

	p.must(p.store.RefuseDeletion(ctx, p.account(p.ann, work), both[1], "-ERR <b>not today</b>"))
	page(1).has(t, "mx7.example.com did not delete it. It is still there.", "-ERR &lt;b&gt;not today&lt;/b&gt;")
	p.must(p.store.DeletionsSent(ctx, p.account(p.ann, work), both[:1]))
	page(0).has(t, "Deleted on mx7.example.com; the next check makes sure of it.")
	_, err = p.store.ApplyListing(ctx, p.account(p.ann, work), store.Listing{Count: 1, Missing: []string{uid(raws[0]), uid(raws[2])}})
	p.must(err)
	page(0).has(t, "Deleted on mx7.example.com today at ")
	page(2).has(t, "No longer on mx7.example.com, without Postern&#39;s doing.")
	ann.get("/mail/inbox").has(t, "only here")
	ann.get("/mail/trash").has(t, "deleted on server")
	ann.get("/deletions").has(t, "1 done, 1 refused.", "confirmed", "not today")
	ann.get("/accounts/"+formatID(work)).has(t, ">none<")
}

// uid is the unique-id under which deliver stores a message.
func uid(raw string) string { return fmt.Sprintf("uid-%x", hashID(raw)[:8]) }
