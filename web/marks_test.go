package web

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestMarks: what a search found stands out in the message that is opened from it, until the marks are taken off.
func TestMarks(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ids := w.deliver(w.ann, w.account, mail("您的发票 12", "您的发票已开，见 https://example.com/发票 。\r\n> 旧发票\r\n", "Content-Type: text/plain; charset=utf-8"))
	open := func(id, search string) answer {
		return ann.get("/messages/"+id+"?list="+url.QueryEscape("/mail/all?q="+url.QueryEscape(search))).want(t, 200)
	}
	letter := formatID(ids[0])
	a := open(letter, "发票").has(t, "您的<mark>发票</mark> 12", "您的<mark>发票</mark>已开", "旧<mark>发票</mark>", "Remove the highlights")
	if strings.Count(a.body, "<mark>") < 3 {
		t.Errorf("%d marks", strings.Count(a.body, "<mark>"))
	}
	off := "/messages/" + letter + "?list=" + url.QueryEscape("/mail/all?q="+url.QueryEscape("发票")) + "&marks=off"
	a.has(t, strings.ReplaceAll(off, "&", "&amp;"))
	ann.get(off).has(t, "您的发票已开").hasNot(t, "<mark>", "Remove the highlights")
	ann.get("/messages/"+letter).hasNot(t, "<mark>", "Remove the highlights")
	open(letter, "-发票 已开").has(t, "您的发票<mark>已开</mark>").hasNot(t, "<mark>发票")

	news := formatID(w.message)
	open(news, "hello").has(t, `src="/messages/`+news+`/body?mark=hello#mail-first-hit"`)
	ann.get("/messages/"+news+"/body?mark=hello").want(t, 200).has(t, `<mark class="mail-hit" id="mail-first-hit">Hello</mark> <b>Ann</b>`).hasNot(t, "<script>")
	ann.get("/messages/"+news+"/body?mark=%3Cscript%3E").want(t, 200).hasNot(t, "<script>", `<mark class`)
}

func TestMarksInBrowser(t *testing.T) {
	_, page, base := seen(t)
	page.DisableScripts()
	page.Goto(base + "/mail/all?q=hello")
	page.Click("link", "Newsletter")
	if html := page.FrameHTML("Message body"); !strings.Contains(html, `>Hello</mark>`) {
		t.Errorf("the frame marks nothing: %s", html)
	}
	page.Click("link", "Remove the highlights")
	page.WaitNoText("Remove the highlights", 10*time.Second)
	if html := page.FrameHTML("Message body"); strings.Contains(html, `</mark>`) {
		t.Errorf("the frame still has marks: %s", html)
	}
}
