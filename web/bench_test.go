package web

import (
	"fmt"
	"testing"
)

// BenchmarkMailbox draws the inbox of somebody with two thousand messages.
func BenchmarkMailbox(b *testing.B) {
	p := newPortal(b)
	work := p.addAccount(p.ann, "work")
	var raws []string
	for i := range 2000 {
		raws = append(raws, mail(fmt.Sprintf("Number %d", i), "some text to show"))
	}
	p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	for b.Loop() {
		ann.get("/mail/inbox").want(b, 200)
	}
}

// BenchmarkMessage draws the page of a message with HTML, and its body.
func BenchmarkMessage(b *testing.B) {
	w := newWorld(b)
	ann := w.as(w.ann)
	path := "/messages/" + formatID(w.message)
	for b.Loop() {
		ann.get(path).want(b, 200)
		ann.get(path+"/body").want(b, 200)
	}
}
