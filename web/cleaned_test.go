package web

import (
	"strings"
	"testing"
	"time"

	"postern/internal/sanitize"
)

// TestCleanedOnce: a message is made inert once for its page and the frame in it, and never for somebody or something else.
func TestCleanedOnce(t *testing.T) {
	w := newWorld(t)
	made := 0
	w.server.sanitize = func(html string, opt sanitize.Options) sanitize.Result {
		made++
		return sanitize.HTML(html, opt)
	}
	ann, path := w.as(w.ann), "/messages/"+formatID(w.message)
	want := func(n int, what string) {
		t.Helper()
		if made != n {
			t.Errorf("%s: made %d times, want %d", what, made, n)
		}
		made = 0
	}
	ann.get(path).want(t, 200).has(t, "Held back: 1 image")
	first := ann.get(path+"/body").want(t, 200).has(t, "data:image/png;base64,"+png)
	want(1, "page and frame")
	if again := ann.get(path+"/body").want(t, 200); again.body != first.body {
		t.Error("the frame alone shows something else")
	}
	want(1, "the frame again")
	ann.get(path).want(t, 200)
	if loaded := ann.get(path+"/body?images=once").want(t, 200); loaded.body == first.body {
		t.Error("with images loaded it is the same")
	}
	want(2, "with images, after the page without")
	ann.get(path).want(t, 200)
	if marked := ann.get(path+"/body?mark=hello").want(t, 200); marked.body == first.body {
		t.Error("with hits marked it is the same")
	}
	want(2, "with marks, after the page without")
	w.as(w.bob).get(path+"/body").want(t, 404)
	want(0, "somebody else")
	w.clock.pass(2 * cleanedTime)
	ann.get(path+"/body").want(t, 200)
	want(1, "later")
}

func TestCleanedBounded(t *testing.T) {
	var c cleaned
	now := time.Now()
	large := sanitize.Result{HTML: strings.Repeat("x", maxCleaned/4)}
	for i := range 10 {
		c.put(cleanedFor{path: strings.Repeat("i", i)}, large, now)
	}
	if len(c.list) != 4 || c.size != maxCleaned {
		t.Errorf("%d kept, %d octets", len(c.list), c.size)
	}
	if _, ok := c.take(cleanedFor{path: "i"}, now); ok {
		t.Error("the oldest is still there")
	}
	if got, ok := c.take(cleanedFor{path: strings.Repeat("i", 9)}, now); !ok || got.HTML != large.HTML {
		t.Error("the newest is not there")
	}
	c.put(cleanedFor{}, sanitize.Result{HTML: "y"}, now.Add(2*cleanedTime))
	if len(c.list) != 1 || c.size != 1 {
		t.Errorf("%d kept, %d octets after their time", len(c.list), c.size)
	}
	c.put(cleanedFor{}, sanitize.Result{HTML: strings.Repeat("x", maxCleaned+1)}, now)
	if len(c.list) != 1 {
		t.Error("one over the bound is kept")
	}
}
