package web

import "testing"

// TestUnknownNames: a search for a label or an account that there is not says so, and leads to what was meant.
func TestUnknownNames(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.post("/messages/actions", "id", formatID(w.message), "action", "label:Garden").want(t, 303)
	ann.get("/mail/all?q=label:gadren+is:unread").want(t, 200).has(t, "There is no label “gadren”.", "Did you mean “label:Garden”?", `href="/mail/all?q=label%3AGarden+is%3Aunread"`)
	ann.get("/mail/all?q=label:nosuch").has(t, "There is no label “nosuch”.", `<a href="/labels">`).hasNot(t, "Did you mean")
	ann.get("/mail/all?q=account:wrok").has(t, "There is no account “wrok”.", "Did you mean “account:work”?")
	ann.get("/mail/all?q=account:%3Cb%3E").has(t, "There is no account “&lt;b&gt;”.", `<a href="/accounts">`)
	ann.get("/mail/all?q=label:garden+account:wor").hasNot(t, "There is no")
	w.as(w.bob).get("/mail/all?q=label:garden").has(t, "There is no label “garden”.").hasNot(t, "Did you mean")
}

// TestNothingFound says that Trash and Junk were left out only where they were, and where they have what was searched for.
func TestNothingFound(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.get("/mail/all?q=in:trash+nowhere").has(t, "No message fits this search.").hasNot(t, "left out", "Search Trash and Junk too")
	ann.get("/mail/all?q=in:junk+nowhere").hasNot(t, "left out", "Search Trash and Junk too")
	ann.get("/mail/all?q=nowhere").has(t, "not even in Trash or Junk").hasNot(t, "left out", "Search Trash and Junk too")
	ann.action("id", formatID(w.message), "action", "delete")
	ann.get("/mail/all?q=newsletter").has(t, "Trash and Junk were left out.", `href="/mail/all?q=in%3Aanywhere+newsletter"`)
	ann.get("/mail/all?q=in:anywhere+newsletter").has(t, "Newsletter").hasNot(t, "Nothing found")
}

// TestDeletedElsewhere: a search for what is deleted on its server says that more of it lies in Trash, and only if it does.
func TestDeletedElsewhere(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.deliver(p.ann, work, mail("Minutes", "x"), mail("Newsletter", "y"))
	ann := p.as(p.ann)
	const more = "There is more in Trash or Junk"
	ann.action("id", formatID(ids[0]), "action", "remove-from-server")
	ann.get("/mail/all?q=is:pending-delete").has(t, "Minutes").hasNot(t, more, "Newsletter")
	ann.action("id", formatID(ids[1]), "action", "delete")
	ann.get("/mail/all?q=is:pending-delete").has(t, "Minutes", more, `href="/mail/all?q=in%3Aanywhere+is%3Apending-delete"`).hasNot(t, "Newsletter")
	ann.get("/mail/all?q=minutes").hasNot(t, more)
	ann.get("/mail/all?q=in:anywhere+is:pending-delete").has(t, "Minutes", "Newsletter").hasNot(t, more)
}
