package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"postern/internal/message"
	"postern/store"
)

// addPartial puts the header of a large message into a user's inbox.
func (p *portal) addPartial(user store.User, account store.AccountID) store.MessageID {
	p.tb.Helper()
	raw := []byte("From: Bob <bob@example.net>\r\nSubject: Holiday film\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n")
	m, err := message.Parse(bytes.NewReader(raw), int64(len(raw)))
	p.must(err)
	n, _, err := p.store.AddPartial(p.tb.Context(), p.account(user, account), []store.Incoming{{
		UID: "film", Octets: 38_000_000, Raw: bytes.NewReader(raw), Size: int64(len(raw)), Header: []byte("fingerprint"), Message: m, Unread: true, Retrieved: p.clock.Now()}})
	p.must(err)
	if n != 1 {
		p.tb.Fatal("the header was not added")
	}
	id, err := p.store.LastArrival(p.tb.Context(), user.ID)
	p.must(err)
	return id
}

// A large message is offered in the list and on its page, and deleted unread only when that was asked once more.
func TestNotFetched(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	film := p.addPartial(p.ann, id)
	ann := p.as(p.ann)
	ann.get("/mail/inbox").want(t, 200).has(t, "Holiday film", "38 MB, not fetched", "fetch now")
	page := messageURL(film, "")
	ann.get(page).want(t, 200).has(t, "Only the header is here", "Fetch now", "Delete on the server, unread").hasNot(t, "Download .eml")
	for _, below := range []string{"raw", "source", "print", "attachments.zip"} {
		ann.get(messageURL(film, below)).want(t, 409).has(t, "This message was not fetched")
	}
	ann.get("/accounts/"+formatID(id)).has(t, "Not fetched")
	ann.get("/storage").has(t, "Holiday film", "not fetched")

	woken := p.worker.woken
	ann.post("/messages/actions", "action", "fetch", "id", formatID(film)).want(t, 303)
	if p.worker.woken == woken {
		t.Error("the worker sleeps on")
	}
	ann.get(page).has(t, "is fetched with the next check")

	p.must(p.store.Unwanted(t.Context(), p.account(p.ann, id), "film", "It is too large."))
	ann.get(page).has(t, "could not be fetched", "It is too large.")
	ann.post("/messages/actions", "action", "delete-unfetched", "id", formatID(film)).want(t, 200).has(t, "nothing of it but the header is here", `name="confirm"`)
	if open, _ := p.store.OpenDeletions(t.Context(), p.ann.ID, id); len(open) != 0 {
		t.Fatal("deleted before it was confirmed")
	}
	ann.post("/messages/actions", "action", "delete-unfetched", "id", formatID(film), "confirm", "1").want(t, 303)
	ann.get("/deletions").has(t, "Holiday film", "it was never fetched")
	if body := ann.get("/mail/trash").body; !strings.Contains(body, "pending, not fetched") {
		t.Error("Trash does not say what becomes of it")
	}
}

// What a person deletes in the ordinary way and was never fetched stays on its server.
func TestDeleteOfNotFetchedLeavesTheServerAlone(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	film := p.addPartial(p.ann, id)
	ann := p.as(p.ann)
	ann.post("/messages/actions", "action", "delete", "id", formatID(film)).want(t, 303)
	ann.post("/messages/actions", "action", "purge", "id", formatID(film), "confirm", "1").want(t, 303)
	if open, _ := p.store.OpenDeletions(t.Context(), p.ann.ID, id); len(open) != 0 {
		t.Errorf("asked the server to delete %+v", open)
	}
}

// In the browser: one press on a row asks for it, and deleting it unread asks first.
func TestNotFetchedInBrowser(t *testing.T) {
	w, page, base := seen(t)
	film := w.addPartial(w.ann, w.account)
	page.Goto(base + "/mail/inbox")
	page.WaitText("38 MB, not fetched", 10*time.Second)
	page.Click("button", "fetch now")
	page.WaitText("fetched with the next check, which begins now", 10*time.Second)
	page.Goto(base + messageURL(film, ""))
	page.WaitText("is fetched with the next check", 10*time.Second)
	w.must(w.store.Unwanted(t.Context(), w.portal.account(w.ann, w.account), "film", ""))
	page.Goto(base + messageURL(film, ""))
	page.Click("button", "Delete on the server, unread")
	page.WaitText("nothing of it but the header is here", 10*time.Second)
	if open, err := w.store.Outline(t.Context(), w.ann.ID, film); err != nil || open.Wanted {
		t.Errorf("%+v, %v", open, err)
	}
}
