package web

import (
	"regexp"
	"testing"
	"time"

	"postern/store"
)

// TestWholeOfOnePage: all of a list is to be had in one step also where it has but one page, labels with it.
func TestWholeOfOnePage(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.deliver(p.ann, work, mail("Offer one", "buy"), mail("Offer two", "buy"), mail("Letter", "dear Ann"))
	ann := p.as(p.ann)
	ann.post("/labels", "name", "Shops", "colour", "1").want(t, 303)
	page := ann.get("/mail/all?q=offer").has(t, "Select all 2 messages in this search", `value="label:Shops"`, `value="unlabel:Shops"`, `value="unread"`, "Remove all from server, keep here")
	ann.get("/mail/all?q=letter").has(t, "1 message").hasNot(t, `id="whole"`)
	bound := regexp.MustCompile(`name="bound" value="(\d+)"`).FindStringSubmatch(page.body)[1]
	form := []string{"all", "1", "q", "offer", "bound", bound, "mailbox", "all", "action", "label:Shops", "return", "/mail/all?q=offer"}
	ann.post("/messages/actions", form...).want(t, 200).has(t, "Label 2 messages?", "2 messages will be labelled “Shops”.")
	ann.post("/messages/actions", append(form, "confirm", "1")...).want(t, 303)
	ann.get("/mail/all?q=offer").has(t, "2 messages labelled “Shops”.")
	for i, id := range ids {
		m, err := p.store.Message(t.Context(), p.ann.ID, id)
		p.must(err)
		if labelled := len(m.Labels) == 1; labelled != (i < 2) {
			t.Errorf("%q is labelled: %v", m.Subject, labelled)
		}
	}
}

// TestSelectionSaid: the bar says how much is selected, and offers what applies to it.
func TestSelectionSaid(t *testing.T) {
	w, page, base := seen(t)
	ids := w.talk(w.account)
	_, err := w.store.Act(t.Context(), w.ann.ID, store.Read, []store.MessageID{w.parcel})
	w.must(err)
	row := func(id store.MessageID) string {
		return `document.querySelector("#m` + formatID(id) + ` input[name=id]")`
	}
	const said = `document.querySelector(".chosen").textContent`
	const offered = `[...document.querySelectorAll(".bulk [value=read], .bulk [value=unread]")].filter(b => b.checkVisibility()).map(b => b.value).join(" ")`
	page.Goto(base + "/mail/inbox")
	waitEval(t, page, offered, "read")
	page.Eval(row(ids[3]) + ".click()") // three messages, one of them unread
	waitEval(t, page, said, "1 conversation, 3 messages selected")
	waitEval(t, page, offered, "read")
	page.Eval(row(w.parcel) + ".click()")
	waitEval(t, page, said, "2 conversations, 4 messages selected")
	waitEval(t, page, offered, "read unread")
	page.Eval(row(ids[3]) + ".click()")
	waitEval(t, page, said, "1 selected")
	waitEval(t, page, offered, "unread")
	page.Eval(row(ids[3]) + ".click()")
	page.Click("button", "Archive")
	page.WaitText("2 conversations (4 messages) archived.", 10*time.Second)
	page.Press("z")
	page.WaitText("Undone: 4 messages archived.", 10*time.Second)
	waitEval(t, page, said, "")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestBeyondThePage: who has selected all rows of a page is offered the rest of the list; without scripts a link is always there.
func TestBeyondThePage(t *testing.T) {
	_, page, base := full(t, 60)
	const open = `document.querySelector("#whole").open`
	waitEval(t, page, `document.querySelector(".beyond").checkVisibility()`, "false")
	waitEval(t, page, `document.querySelector("a.without-js").checkVisibility()`, "false")
	page.Eval(`document.querySelector("#all").click()`)
	waitEval(t, page, `document.querySelector(".beyond").checkVisibility()`, "true")
	waitEval(t, page, open, "false")
	page.Eval(`document.querySelector(".beyond a").click()`)
	waitEval(t, page, open, "true")
	page.DisableScripts()
	page.Goto(base + "/mail/all?q=offer")
	page.Click("link", "Select all")
	waitEval(t, page, `(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector("#whole summary").getBoundingClientRect())`, "true")
	page.Eval(`document.querySelector("#whole summary").click()`)
	page.Click("button", "Archive all")
	page.WaitText("Archive 60 messages?", 10*time.Second)
}

// TestSelectionOnPhone: what can be done with a selection has words there, too, and room for a thumb.
func TestSelectionOnPhone(t *testing.T) {
	_, page, base := seenAt(t, 390, 844)
	page.Goto(base + "/mail/inbox")
	waitEval(t, page, `document.querySelector(".unread-count").innerText.trim()`, "2 unread")
	page.Eval(`document.querySelector(".row input").click()`)
	waitEval(t, page, `[...document.querySelectorAll(".bulk .act")].filter(b => b.checkVisibility()).map(b => b.innerText.trim()).join(", ")`, "Archive, Delete, Junk, Mark read, Label")
	waitEval(t, page, `[...document.querySelectorAll(".bulk .act")].filter(b => b.checkVisibility()).every(b => {
		const r = b.getBoundingClientRect(), word = b.querySelector("span").getBoundingClientRect();
		return r.height >= 44 && r.width >= 44 && r.bottom <= innerHeight && word.left >= r.left && word.right <= r.right && word.top > b.querySelector("svg").getBoundingClientRect().top;
	})`, "true")
	page.Goto(base + "/storage")
	waitEval(t, page, `document.querySelector("#rule").getBoundingClientRect().top < document.querySelector(".row").getBoundingClientRect().top`, "true")
}
