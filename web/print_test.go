package web

import "testing"

// The printed page is in the reader's language around a mail of which no language is known, and a file of it bears the
// mail's subject.
func TestPrintedPage(t *testing.T) {
	w := newWorld(t)
	id := w.deliver(w.ann, w.account, mail("Quay <1> & 2", "It was empty."))[0]
	w.as(w.ann).get("/messages/"+formatID(id)+"/print").want(t, 200).has(t,
		`<html lang="en">`, `<title>Quay &lt;1&gt; &amp; 2</title>`, `<header class="head">`, `<main lang=""><div class="words"`, `It was empty.</div></main></body>`)
}
