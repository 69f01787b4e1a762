package web

import (
	"regexp"
	"slices"
	"testing"

	"postern/store"
)

// hiddenFields reads what a page that asks first would send.
func hiddenFields(a answer) (pairs []string) {
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(a.body, -1) {
		pairs = append(pairs, m[1], m[2])
	}
	return pairs
}

// TestPolicyPreview: a rule that would delete on the server is asked about first, by number, and Cancel leaves all as it was.
func TestPolicyPreview(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	path := "/accounts/" + formatID(work)
	ann := p.as(p.ann)
	settings := func() store.Settings {
		a, err := p.store.Account(t.Context(), p.ann.ID, work)
		p.must(err)
		return a.Settings
	}
	same := func(changes ...string) []string {
		return typed(append([]string{"email", "work@example.com", "name", "work", "username", "work@example.com", "host", "mx7.example.com", "password", ""}, changes...)...)
	}
	// Nothing lies there yet: no question.
	ann.post(path, same("policy", "after-download")...).leads(t, path)
	ann.post(path, same()...).leads(t, path)

	raws := []string{mail("One", "a"), mail("Two", "b")}
	p.deliver(p.ann, work, raws...)
	_, err := p.store.ApplyListing(t.Context(), p.account(p.ann, work), store.Listing{Count: 2})
	p.must(err)
	ann.post(path, same("policy", "days", "days", "30")...).leads(t, path) // none is that old
	ann.post(path, same("policy", "keep")...).leads(t, path)
	before := settings()

	a := ann.post(path, same("policy", "after-download")...).want(t, 200)
	a.has(t, "Delete 2 messages on mx7.example.com?", "2 messages would be deleted from mx7.example.com with the next check. They stay here.", "Save, and delete 2 messages there", "Cancel", `href="`+path+`"`)
	a.hasNot(t, "saved already", "pop-secret", `name="password"`)
	if settings() != before {
		t.Errorf("saved before the answer: %+v", settings())
	}
	fields := hiddenFields(a)
	if !slices.Contains(fields, "confirm") {
		t.Fatalf("the page sends %q", fields)
	}
	// What comes between the question and the answer is asked about anew.
	p.deliver(p.ann, work, mail("Three", "c"))
	a = ann.post(path, fields...).want(t, 200).has(t, "Delete 3 messages on mx7.example.com?")
	if settings() != before {
		t.Errorf("saved with more than was said: %+v", settings())
	}
	ann.post(path, hiddenFields(a)...).leads(t, path)
	if settings().Policy != store.DeleteAfterDownload {
		t.Error("the answer did not save the policy")
	}
	ann.post(path, same("policy", "after-download", "name", "Office")...).leads(t, path) // the same rule: no question
	before = settings()
	ann.post(path, same("policy", "keep", "name", "Office")...).leads(t, path)

	// Other changes cannot wait, for the password stands in no page.
	a = ann.post(path, same("policy", "after-download", "name", "Bureau", "host", "new.example.net", "password", "pop secret 18")...).want(t, 200)
	a.has(t, "3 messages would be deleted from new.example.net", "Your other changes are saved already.").hasNot(t, "pop secret 18", `name="password"`)
	if got := settings(); got.Policy != store.Keep || got.Name != "Bureau" || got.Host != "new.example.net" {
		t.Errorf("while the question is open: %+v", got)
	}
	ann.post(path, hiddenFields(a)...).leads(t, path)
	password, err := p.store.AccountPassword(t.Context(), p.ann.ID, work)
	p.must(err)
	if got := settings(); got.Policy != store.DeleteAfterDownload || got.Name != "Bureau" || password.Reveal() != "pop secret 18" {
		t.Errorf("after the answer: %+v", got)
	}
	p.as(p.bob).post(path, same("policy", "after-download", "confirm", "1")...).want(t, 404)
}

// TestReasons: the ledger says in words why each deletion was asked for.
func TestReasons(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	raws := []string{mail("By hand", "a"), mail("By age", "b"), mail("By download", "c"), mail("For space", "d")}
	ids := p.deliver(p.ann, work, raws...)
	ctx := t.Context()
	_, err := p.store.Act(ctx, p.ann.ID, store.Delete, ids[:1])
	p.must(err)
	p.must(p.store.RequestDeletions(ctx, p.account(p.ann, work), []string{uid(raws[1])}, store.AfterDays))
	p.must(p.store.RequestDeletions(ctx, p.account(p.ann, work), []string{uid(raws[2])}, store.AfterDownload))
	_, err = p.store.Act(ctx, p.ann.ID, store.RemoveFromServer, ids[3:])
	p.must(err)
	ann := p.as(p.ann)
	ann.get("/deletions").want(t, 200).has(t, "deleted here, asked for by ann<", "after some days<", "after download<", "removed to free space, kept here, asked for by ann<", "4 waiting.", "Cancel 4 waiting")
	open, err := p.store.OpenDeletions(ctx, p.ann.ID, work)
	p.must(err)
	p.clock.pass(store.UndoWindow + 1)
	for range 2 {
		_, err = p.store.ClaimDeletions(ctx, p.account(p.ann, work), []store.DeletionID{open[1].ID})
		p.must(err)
	}
	ann.get("/deletions").has(t, "tried 2 times", "1 under way")
}
