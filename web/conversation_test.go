package web

import (
	"strings"
	"testing"

	"postern/internal/i18n"
	"postern/store"
)

// talk delivers a conversation of three, and a message that stands alone.
func (p *portal) talk(account store.AccountID) (ids []store.MessageID) {
	return p.deliver(p.ann, account,
		mail("Lunch", "Shall we?", "References: <lunch@example.net>", "Received: from a by b; Tue, 3 Nov 2026 10:00:00 +0000"),
		mail("Re: Lunch", "Gladly.", "References: <lunch@example.net>", "Received: from a by b; Tue, 3 Nov 2026 11:00:00 +0000"),
		mail("Other", "Not of it.", "Received: from a by b; Tue, 3 Nov 2026 12:00:00 +0000"),
		mail("Re: Lunch", "At noon then.", "References: <lunch@example.net>", "Received: from a by b; Tue, 3 Nov 2026 13:00:00 +0000"))
}

// rowsOf counts rows of a list.
func rowsOf(a answer) int { return strings.Count(a.body, `<li id="m`) }

// TestConversationRows: one row for a conversation, acted on as a whole, unless the reader wants messages apart.
func TestConversationRows(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.talk(work)
	ann := p.as(p.ann)
	id := formatID(ids[3])
	a := ann.get("/mail/inbox").want(t, 200).has(t, "4 messages", `aria-label="3 messages"`, `href="/messages/`+id+"#m"+formatID(ids[0])+`"`, `name="whole" value="1"`)
	if rowsOf(a) != 2 {
		t.Errorf("%d rows, want 2", rowsOf(a))
	}
	if a := ann.get("/mail/all?q=lunch").has(t, "3 messages").hasNot(t, `name="whole"`); rowsOf(a) != 3 {
		t.Errorf("a search for messages has %d rows, want 3", rowsOf(a))
	}

	unread := func() (n int) {
		for _, id := range ids {
			if m, err := p.store.Message(t.Context(), p.ann.ID, id); err == nil && m.Unread {
				n++
			}
		}
		return n
	}
	ann.post("/messages/actions", "action", "read", "id", id, "whole", "1").want(t, 303)
	if n := unread(); n != 1 {
		t.Errorf("%d unread after the conversation was marked as read, want 1", n)
	}
	ann.post("/messages/actions", "action", "unread", "id", id, "whole", "1").want(t, 303)
	if n := unread(); n != 2 {
		t.Errorf("%d unread after its newest message was marked, want 2", n)
	}
	ann.get("/mail/inbox").has(t, `href="/messages/`+id+"#m"+id+`"`)
	ann.post("/messages/actions", "action", "archive", "id", id, "whole", "1").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "3 messages archived.", "1 message</span>").hasNot(t, "Lunch")
	ann.get("/mail/archive").has(t, `aria-label="3 messages"`)

	ann.post("/settings/reading", "keys", "1").want(t, 303)
	if a := ann.get("/mail/archive").hasNot(t, `name="whole"`, "#m"+id); rowsOf(a) != 3 {
		t.Errorf("%d rows of messages apart, want 3", rowsOf(a))
	}
}

func TestCorrespondents(t *testing.T) {
	people := func(names ...string) (list []store.Correspondent) {
		for _, n := range names {
			var c store.Correspondent
			c.Name = n
			list = append(list, c)
		}
		return list
	}
	for want, list := range map[string][]store.Correspondent{
		"Maria Lindqvist":            people("Maria Lindqvist"),
		"Maria, Tomas":               people("Maria Lindqvist", "Tomas Ferreira"),
		"王小明, Dr. B. Adeyemi, Jo Li": people("王小明", "Dr. B. Adeyemi", "Jo Li"),
		"Anna, …, Dora, Emil":        people("Anna A", "Bert B", "Carl C", "Dora D", "Emil E"),
	} {
		if got := correspondents(i18n.Locale{}, list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
