package web

import (
	"fmt"
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
	a := ann.get("/mail/inbox").want(t, 200).has(t, "2 conversations", `aria-label="3 messages"`, `href="/messages/`+id+`"`, `name="whole" value="1"`)
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
	ann.post("/messages/actions", "action", "archive", "id", id, "whole", "1").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "1 conversation (3 messages) archived.", "1 message</span>").hasNot(t, "Lunch")
	ann.get("/mail/archive").has(t, `aria-label="3 messages"`)

	ann.post("/settings/reading", "keys", "1").want(t, 303)
	if a := ann.get("/mail/archive").hasNot(t, `name="whole"`, "#m"+id); rowsOf(a) != 3 {
		t.Errorf("%d rows of messages apart, want 3", rowsOf(a))
	}
}

// TestConversationPage: what was read is folded, what was not is there; each message can be acted on, and all of them.
func TestConversationPage(t *testing.T) {
	p := newPortal(t)
	ids := p.talk(p.addAccount(p.ann, "work"))
	_, err := p.store.Act(t.Context(), p.ann.ID, store.Read, []store.MessageID{ids[0], ids[3]})
	p.must(err)
	ann := p.as(p.ann)
	newest, middle := "/messages/"+formatID(ids[3]), "/messages/"+formatID(ids[1])
	a := ann.get(newest).want(t, 200).has(t, `<h1 id="subject" dir="auto">Re: Lunch</h1>`, "3 messages", "Shall we?", "Gladly.", "At noon then.",
		`<a class="part-head" href="/messages/`+formatID(ids[0])+"#m"+formatID(ids[0])+`" data-unfold>`, "Unfold all", `href="/mail/inbox#m`+formatID(ids[3])+`"`)
	if n := strings.Count(a.body, "<details open>"); n != 2 {
		t.Errorf("%d messages are unfolded, want the unread one and the one asked for", n)
	}
	if n := strings.Count(a.body, "data-opened"); n != 1 {
		t.Errorf("%d messages are to be marked as read, want 1", n)
	}
	if n := strings.Count(ann.get(newest+"?unfold=all").body, "<details open>"); n != 3 {
		t.Errorf("%d of 3 messages are unfolded", n)
	}
	part := ann.get(middle+"?part=1").want(t, 200).has(t, "<li id=\"m"+formatID(ids[1])+`"`, "Gladly.", "<details open>").hasNot(t, "<html", "Shall we?")
	if n := strings.Count(part.body, "<li id="); n != 1 {
		t.Errorf("%d parts, want 1", n)
	}
	ann.get(newest+"?alone=1").want(t, 200).has(t, "At noon then.").hasNot(t, "Gladly.", "data-unfold")
	ann.get("/messages/"+formatID(ids[2])).want(t, 200).has(t, "Not of it.").hasNot(t, "data-unfold")

	// One message is deleted: the others stay together, and it is another conversation in Trash.
	_, err = p.store.Act(t.Context(), p.ann.ID, store.Delete, ids[1:2])
	p.must(err)
	ann.get(newest).has(t, "2 messages").hasNot(t, "Gladly.")
	ann.get(middle).has(t, "Gladly.", "Restore").hasNot(t, "data-unfold", "Shall we?")

	ann.post("/settings/reading", "keys", "1").want(t, 303)
	ann.get(newest).has(t, "At noon then.").hasNot(t, "Shall we?", "data-unfold")
	p.as(p.bob).get(newest).want(t, 404)
}

// TestEarlierFolded: of many messages that were read only the first and the last stand above the one that was not.
func TestEarlierFolded(t *testing.T) {
	p := newPortal(t)
	var raws []string
	for i := range 9 {
		raws = append(raws, mail("Re: Boats", fmt.Sprintf("Answer %d.", i), "References: <boats@example.net>", fmt.Sprintf("Received: from a by b; Tue, 3 Nov 2026 10:00:%02d +0000", i)))
	}
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"), raws...)
	_, err := p.store.Act(t.Context(), p.ann.ID, store.Read, ids[:8])
	p.must(err)
	ann := p.as(p.ann)
	page := ann.get(messageURL(ids[8], "")).want(t, 200).has(t, "<summary>6 more messages</summary>").body
	for i, behind := range []bool{false, true, true, true, true, true, true, false, false} {
		at := strings.Index(page, `<li id="m`+formatID(ids[i])+`"`)
		if at < 0 || strings.Contains(page[:at], `class="earlier"`) && !strings.Contains(page[strings.Index(page, `class="earlier"`):at], "</details>") != behind {
			t.Errorf("message %d is at %d, behind the line: want %v", i, at, behind)
		}
	}
	ann.get(messageURL(ids[4], "")).want(t, 200).has(t, "9 messages").hasNot(t, `class="earlier"`) // runs of four, and of three
	ann.get(messageURL(ids[8], "")+"?unfold=all").want(t, 200).hasNot(t, `class="earlier"`)
}

// TestQuotesFolded: what a message quotes at its end is folded, in its text and in its HTML.
func TestQuotesFolded(t *testing.T) {
	p := newPortal(t)
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"),
		mail("Re: Tea", "Gladly.\r\n\r\nAnn wrote:\r\n> Shall we?\r\n> At four.\r\n\r\n-- \r\nBob\r\n"),
		mail("Re: Cake", `<p>Gladly.</p><blockquote type="cite">Shall we?</blockquote>`, "Content-Type: text/html"))
	ann := p.as(p.ann)
	ann.get(messageURL(ids[0], "")).want(t, 200).has(t, `<details class="quoted"><summary title="Quoted text"`, "Shall we?\nAt four.")
	ann.get(messageURL(ids[1], "body")).want(t, 200).has(t, `<details class="mail-quoted"><summary title="Quoted text">`, "Shall we?")
	ann.get(messageURL(ids[1], "print")).want(t, 200).has(t, "Shall we?").hasNot(t, "<details")
}

// TestLongConversation bounds what one page shows and unfolds.
func TestLongConversation(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	var raws []string
	for i := range store.MaxConversation + 5 {
		raws = append(raws, mail("Re: Endless", fmt.Sprintf("Answer %d.", i), "References: <endless@example.net>", fmt.Sprintf("Received: from a by b; Tue, 3 Nov 2026 10:%02d:%02d +0000", i/60, i%60)))
	}
	ids := p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	a := ann.get("/messages/"+formatID(ids[len(ids)-1])+"?unfold=all").want(t, 200).has(t, "205 messages", "Only the newest 200 messages are shown.")
	if n := strings.Count(a.body, "<details open>"); n != maxUnfolded {
		t.Errorf("%d messages are unfolded, want %d", n, maxUnfolded)
	}
	ann.get("/messages/"+formatID(ids[0])).want(t, 200).has(t, "Answer 0.").hasNot(t, "data-unfold") // beyond the page: alone
}

// TestFrameHeight: a frame has room for the lines of its HTML, and for the pictures in it.
func TestFrameHeight(t *testing.T) {
	p := newPortal(t)
	picture := []string{"--b", "Content-Type: image/png", "Content-Transfer-Encoding: base64", "Content-ID: <a>", "Content-Disposition: inline", "", png, "--b--", ""}
	view := func(tag string) string {
		return strings.Join(append([]string{"--b", "Content-Type: text/html", "", "<p>The view: " + tag}, picture...), "\r\n")
	}
	related, thread := `Content-Type: multipart/related; boundary="b"`, "References: <view@example.net>"
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"), mail("View", view(`<img src="cid:a">`), related, thread), mail("Re: View", view(""), related, thread))
	ann := p.as(p.ann)
	for i, want := range []string{"wide-17 narrow-17", "wide-5 narrow-5"} {
		ann.get(messageURL(ids[i], "")+"?part=1").want(t, 200).has(t, want+`" sandbox=`)
	}
}

func TestLinesOf(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, "One\ntwo": 2, "One\n\n> quoted\n> more\n": 1, "> quoted\n> only": 2, "One\n> quoted\nthree": 3,
		strings.Repeat("word ", 90): 5, strings.Repeat("字", 90): 3,
	} {
		if got := linesOf(text, wideLine); got != want {
			t.Errorf("%.20q: %d lines, want %d", text, got, want)
		}
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
