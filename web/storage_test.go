package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/store"
)

// pending names the messages of an account that would be deleted on its server with the next check.
func (p *portal) pending(user store.User, account store.AccountID) (subjects []string) {
	p.tb.Helper()
	open, err := p.store.OpenDeletions(p.tb.Context(), user.ID, account)
	p.must(err)
	for _, d := range open {
		subjects = append(subjects, d.Subject)
	}
	return subjects
}

// keep makes an account one that leaves its server alone.
func (p *portal) keep(user store.User, id store.AccountID) {
	p.tb.Helper()
	a, err := p.store.Account(p.tb.Context(), user.ID, id)
	p.must(err)
	a.Policy = store.Keep
	p.must(p.store.UpdateAccount(p.tb.Context(), user.ID, id, a.Settings, seal.Secret{}))
}

func TestStorage(t *testing.T) {
	p := newPortal(t)
	ann := p.as(p.ann)
	ann.get("/storage").want(t, 200).has(t, "<h1>Storage</h1>", "No account yet", `href="/accounts/new"`).hasNot(t, "<table", "Remove from server")
	work := p.addAccount(p.ann, "work")
	ann.get("/storage").want(t, 200).has(t, "Nothing lies there that is stored here.", "Not checked yet.").hasNot(t, "Remove from server")

	raws := []string{
		mail("Oldest and small", "x", "Received: from a by b; Mon, 2 Nov 2020 14:00:00 +0000"),
		mail("Biggest <b>", strings.Repeat("0123456789\r\n", 2000), "Received: from a by b; Mon, 2 Nov 2026 14:00:00 +0000"),
		mail("Newest", "y", "Received: from a by b; Tue, 3 Nov 2026 14:00:00 +0000"),
	}
	ids := p.deliver(p.ann, work, raws...)
	_, err := p.store.ApplyListing(t.Context(), p.account(p.ann, work), store.Listing{Count: 2, Octets: 24_000, Missing: []string{uid(raws[2])}})
	p.must(err)
	p.addSync(p.ann, store.Sync{Account: work, OK: true, Sentence: "done"})
	order := func(a answer) string {
		return strings.Join(regexp.MustCompile(`Oldest and small|Biggest &lt;b&gt;|Newest`).FindAllString(a.body, -1), ", ")
	}
	a := ann.get("/storage").want(t, 200)
	a.has(t, `aria-label="Messages"`, `aria-label="Select"`, "Remove from server, keep here", "24 kB", "mx7.example.com", "After the last check it held 2 messages, 24 kB.",
		`value="`+formatID(ids[1])+`"`, `aria-current`, "Postern&#39;s own files", "1 message", "2 messages")
	if got := order(a); got != "Biggest &lt;b&gt;, Oldest and small" {
		t.Errorf("the biggest first: %s", got)
	}
	if got := order(ann.get("/storage?account=" + formatID(work) + "&order=oldest")); got != "Oldest and small, Biggest &lt;b&gt;" {
		t.Errorf("the oldest first: %s", got)
	}

	back := "/storage?account=" + formatID(work)
	ann.post("/messages/actions", "action", "remove-from-server", "id", formatID(ids[1]), "return", back).leads(t, back)
	a = ann.get(back).has(t, "1 message marked to leave the server with the next check, and kept here.", "Undo", "1 message leaves it with the next check.", "<small>1 of them leaving</small>", "<small>24 kB of it leaving</small>")
	if got := order(a); got != "Oldest and small" {
		t.Errorf("what is to go is still offered: %s", got)
	}
	if got := p.pending(p.ann, work); len(got) != 1 || got[0] != "Biggest <b>" {
		t.Errorf("to be deleted: %q", got)
	}
	ann.get("/mail/inbox").has(t, "Biggest", "pending")
	ann.get("/deletions").has(t, "removed to free space, kept here")
	ann.get("/messages/"+formatID(ids[1])).has(t, "Will be deleted on mx7.example.com with the next check", "Your copy here stays.", "Cancel deletion").hasNot(t, "Remove from server")

	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(a.body)[1]
	ann.post("/undo", "token", token, "return", back).leads(t, back)
	if got := p.pending(p.ann, work); len(got) != 0 {
		t.Errorf("after Undo, to be deleted: %q", got)
	}
}

// TestStorageOfKeptAccount: what an account keeps cannot be removed, neither by a button nor by a form of one's own.
func TestStorageOfKeptAccount(t *testing.T) {
	p := newPortal(t)
	work, kept := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "kept")
	p.deliver(p.ann, work, mail("Small", "x"))
	ids := p.deliver(p.ann, kept, mail("Kept", strings.Repeat("long ", 500)))
	p.keep(p.ann, kept)
	ann := p.as(p.ann)
	ann.get("/storage").has(t, "This account keeps everything on its server", "Kept", "/accounts/"+formatID(kept)+"/edit").hasNot(t, "Remove from server", `name="id"`)
	ann.get("/storage?account="+formatID(work)).has(t, "Remove from server, keep here", "Small").hasNot(t, "keeps everything")
	ann.get("/messages/"+formatID(ids[0])).want(t, 200).hasNot(t, "Remove from server")
	ann.post("/messages/actions", "action", "remove-from-server", "id", formatID(ids[0])).want(t, 303)
	ann.get("/storage").has(t, "Nothing was removed:")
	ann.post("/messages/actions", "action", "remove-from-server", "all", "1", "mailbox", "all", "account", formatID(kept), "q", "", "bound", "999").want(t, 303)
	ann.get("/storage").has(t, "Nothing was removed:")
	if got := p.pending(p.ann, kept); len(got) != 0 {
		t.Errorf("to be deleted: %q", got)
	}
}

// TestRemoveWholeList counts first, and leaves alone what came after the question.
func TestRemoveWholeList(t *testing.T) {
	p := newPortal(t)
	work, kept := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "kept")
	ids := p.deliver(p.ann, work, mail("Offer one", "a"), mail("Offer two", "b"), mail("Offer there no more", "c"), mail("Letter", "d"), mail("Offer in Trash", "e"))
	p.deliver(p.ann, kept, mail("Offer kept", "f"))
	p.keep(p.ann, kept)
	_, err := p.store.ApplyListing(t.Context(), p.account(p.ann, work), store.Listing{Count: 4, Missing: []string{uid(mail("Offer there no more", "c"))}})
	p.must(err)
	_, err = p.store.Act(t.Context(), p.ann.ID, store.Delete, ids[4:])
	p.must(err)
	bound, err := p.store.LastArrival(t.Context(), p.ann.ID)
	p.must(err)
	form := []string{"action", "remove-from-server", "all", "1", "mailbox", "all", "q", "offer", "bound", formatID(bound), "return", "/storage"}
	ann := p.as(p.ann)
	ann.post("/messages/actions", form...).want(t, 200).has(t, "Remove 2 messages from the server?", "2 messages leave mx7.example.com (work), which frees "+octets(int64(len(mail("Offer one", "a"))+len(mail("Offer two", "b")))).String()+" there.",
		"Mail that arrives from now on is not touched.", `name="confirm" value="1"`)
	ann.post("/messages/actions", append(form, "action", "delete")...).want(t, 200)
	if got := p.pending(p.ann, work); len(got) != 1 {
		t.Fatalf("asking did something: %q", got)
	}
	p.deliver(p.ann, work, mail("Offer too late", "g"))
	ann.post("/messages/actions", append(form, "confirm", "1")...).leads(t, "/storage")
	ann.get("/storage").has(t, "2 messages marked to leave the server")
	if got := strings.Join(p.pending(p.ann, work), ", "); got != "Offer in Trash, Offer two, Offer one" && got != "Offer in Trash, Offer one, Offer two" {
		t.Errorf("to be deleted: %s", got)
	}
	if got := p.pending(p.ann, kept); len(got) != 0 {
		t.Errorf("of the kept account: %q", got)
	}
}

// TestDeleteWholeListSaysWhere: deleting a whole list tells how many go from which server.
func TestDeleteWholeListSaysWhere(t *testing.T) {
	p := newPortal(t)
	work, kept := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "kept")
	p.deliver(p.ann, work, mail("Offer one", "a"), mail("Offer two", "b"))
	ids := p.deliver(p.ann, kept, mail("Offer kept", "c"), mail("Offer thrown away", "d"))
	p.keep(p.ann, kept)
	_, err := p.store.Act(t.Context(), p.ann.ID, store.Delete, ids[1:])
	p.must(err)
	p.as(p.ann).post("/messages/actions", "action", "delete", "all", "1", "mailbox", "all", "q", "in:anywhere offer", "bound", "999").want(t, 200).
		has(t, "Delete 4 messages?", "2 of them will be deleted from mx7.example.com (work) with the next check.").hasNot(t, "(kept)")
}

func TestStorageOfOthers(t *testing.T) {
	w := newWorld(t)
	bob := w.as(w.bob)
	bob.get("/storage").want(t, 200).hasNot(t, "Newsletter", "mx7.example.com", "work")
	bob.get("/storage?account="+formatID(w.account)).want(t, 404).hasNot(t, "Newsletter")
	bob.post("/messages/actions", "action", "remove-from-server", "id", formatID(w.message)).want(t, 303)
	bob.post("/messages/actions", "action", "remove-from-server", "all", "1", "mailbox", "all", "account", formatID(w.account), "bound", "999", "confirm", "1").want(t, 303)
	if got := w.pending(w.ann, w.account); len(got) != 1 {
		t.Errorf("a stranger removed mail: %q", got)
	}
	w.as(w.ann).get("/storage?account=nonsense").want(t, 404)
	w.browser().get("/storage").want(t, 303)
}

func TestRemoveFromMessagePage(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	path := "/messages/" + formatID(w.message)
	ann.get(path).has(t, "Remove from server, keep here")
	ann.post("/messages/actions", "action", "remove-from-server", "id", formatID(w.message), "return", path).leads(t, path)
	ann.get(path).has(t, "kept here.", "Undo", "Will be deleted on mx7.example.com").hasNot(t, `value="remove-from-server"`)
	m, err := w.store.Message(t.Context(), w.ann.ID, w.message)
	w.must(err)
	if m.Mailbox != store.Inbox || m.Server != store.ServerPending {
		t.Errorf("it lies in %v, and on the server it is %v", m.Mailbox, m.Server)
	}
}

// TestStorageInBrowser frees space and takes it back, by forms alone.
func TestStorageInBrowser(t *testing.T) {
	w, page, base := seen(t)
	page.DisableScripts()
	page.Goto(base + "/storage")
	page.ClickNth("checkbox", "Select", 0)
	page.Click("button", "Remove from server, keep here")
	page.WaitText("1 message marked to leave the server", 10*time.Second)
	if got := w.pending(w.ann, w.account); len(got) != 2 {
		t.Errorf("to be deleted: %q", got)
	}
	page.Click("button", "Undo")
	page.WaitText("Undone: 1 message marked to leave the server", 10*time.Second)
	if got := w.pending(w.ann, w.account); len(got) != 1 {
		t.Errorf("after Undo, to be deleted: %q", got)
	}
	page.Select("Remove from the server, and keep here, all mail that is", "in Trash or Junk")
	page.Click("button", "Count it first")
	page.WaitText("Nothing was removed", 10*time.Second)
}
