package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// harbour is n letters with one sentence. No page waits for hundreds to be counted.
func harbour(n int) (raws []string) {
	for i := range n {
		raws = append(raws, mail(fmt.Sprintf("Harbour %d", i), fmt.Sprintf("The quay was empty, %d times.", i)))
	}
	return raws
}

// A search that finds many is shown before they are all counted. They are counted by a link, and for the
// page's script as a fragment; strangers have nothing counted.
func TestSearchIsCountedApart(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.ann, w.account, harbour(700)...)
	search := "/mail/all?q=" + `%22quay+was+empty%22`
	ann := w.as(w.ann)
	page := ann.get(search).has(t, "1–50 of more than", "Count all", `data-count-all="`+search+`&amp;count=all"`)
	if got := strings.Count(page.body, "Count all"); got != 2 {
		t.Errorf("%d links count all, want one above and one below the list", got)
	}
	ann.get(search+"&count=all").has(t, "1–50 of 700", "Select all 700 messages in this search").hasNot(t, "Count all", "more than")
	ann.get("/mail/all?q=harbour").has(t, "1–50 of more than", "Count all", "Select all messages in this search")
	ann.get("/mail/all?q=%22quay+was+empty,+7%22").has(t, ">1 message<").hasNot(t, "Count all")

	for older := linkNamed(page, "Older"); older != ""; older = linkNamed(page, "Older") {
		page = ann.get(older)
	}
	page.has(t, "651–700 of 700", "Select all 700 messages in this search").hasNot(t, "Count all") // the last page knows

	bob := w.as(w.bob)
	ann.header.Set("X-Requested-With", "fetch")
	bob.header.Set("X-Requested-With", "fetch")
	if got := ann.get(search + "&count=all").body; !strings.HasPrefix(got, `<span class="range" data-says="Select all 700 messages in this search">1–50 of 700</span>`) {
		t.Errorf("the fragment is %q", got)
	}
	if got := bob.get(search + "&count=all").body; !strings.HasPrefix(got, `<span class="range" data-says="Select all 0 messages in this search"></span>`) {
		t.Errorf("somebody else's fragment is %q", got)
	}
}

// TestSearchIsCountedInBrowser: the number comes by itself, and on the next page too.
func TestSearchIsCountedInBrowser(t *testing.T) {
	w, page, base := seen(t)
	w.deliver(w.ann, w.account, harbour(700)...)
	page.Goto(base + `/mail/all?q=%22quay+was+empty%22`)
	page.WaitText("1–50 of 700", 10*time.Second)
	waitEval(t, page, `[...document.querySelectorAll(".range")].filter((r) => r.innerText.endsWith(" of 700")).length`, "2")
	waitEval(t, page, `[...document.querySelectorAll("[data-whole]")].filter((r) => r.textContent === "Select all 700 messages in this search").length`, "2")
	page.Click("link", "Older")
	page.WaitText("51–100 of 700", 10*time.Second)
}
