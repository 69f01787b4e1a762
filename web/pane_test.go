package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
)

// TestFrameFillsThePane: the body of a mail fills what its head leaves of the window, and scrolls inside it; the page around
// it does not scroll. A mail whose head would leave nothing cannot push its body out of reach.
func TestFrameFillsThePane(t *testing.T) {
	b := browsertest.New(t)
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	t.Cleanup(func() { w.server.Close(); ts.Close() })
	long := strings.Repeat("<p>a line", 300) + "<p>the end"
	crowded := []string{"--b", "Content-Type: text/html", "", `<img src="https://x.example/a.png"><a href="https://evil.example/">https://bank.example/</a>` + long}
	for range 12 {
		crowded = append(crowded, "--b", `Content-Disposition: attachment; filename="`+strings.Repeat("invoice ", 15)+`.exe"`, "", "MZ")
	}
	mails := w.deliver(w.ann, w.account,
		mail("Long", long, "Content-Type: text/html; charset=utf-8"),
		"From: \"ceo@bank.example\" <x@\u0430pple.example>, b@example.org\r\nReply-To: a@else.example\r\nTo: "+strings.Repeat("somebody with a long name <s@example.com>,\r\n ", 40)+"t@example.com\r\nSubject: "+strings.Repeat("Very important ", 30)+
			"\r\nAuthentication-Results: mx7.example.com; dmarc=fail\r\nList-Unsubscribe: <https://x.example/u>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+strings.Join(append(crowded, "--b--", ""), "\r\n"))
	signIn := b.Page(t, 1280, 800, false)
	signIn.Goto(ts.URL + "/login")
	signIn.Fill("User name", "ann")
	signIn.Fill("Password", annPassword)
	signIn.Click("button", "Sign in")
	signIn.WaitText("Inbox", 10*time.Second)
	for _, window := range [][2]int{{1280, 800}, {390, 844}, {390, 664}} {
		page := b.Page(t, window[0], window[1], false)
		for i, id := range mails {
			page.Goto(ts.URL + messageURL(id, ""))
			if text := page.FrameText("Message body"); !strings.Contains(text, "the end") {
				t.Fatalf("the frame shows %.100q", text)
			}
			got := page.Eval(`(() => {
				const page = document.scrollingElement, frame = document.querySelector("iframe.body");
				if (page.scrollHeight > innerHeight) return "the page scrolls";
				if (frame.getBoundingClientRect().bottom <= innerHeight + 1) return "";
				for (let e = frame.parentElement; e; e = e.parentElement)
					if (e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY === "hidden") return "out of reach";
				frame.scrollIntoView({block: "end"});
				return page.scrollTop ? "the page scrolls" : frame.getBoundingClientRect().bottom <= innerHeight + 1 ? "above" : "out of reach";
			})()`)
			if got != `""` && !(i == 1 && got == `"above"`) {
				t.Errorf("%v, mail %d: %s", window, i+1, got)
			}
		}
	}
}

// TestTextIsWithinReach: a subject without end and hundreds of files keep neither the sender nor the text far away.
func TestTextIsWithinReach(t *testing.T) {
	crowded := []string{"--b", "", "the text"}
	for n := range 200 {
		crowded = append(crowded, "--b", fmt.Sprintf("Content-Disposition: attachment; filename=file%d.txt", n), "", "x")
	}
	raw := "From: lina@example.net\r\nTo: ann@example.com\r\nSubject: " + strings.Repeat("without end ", 400) +
		"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Join(append(crowded, "--b--", ""), "\r\n")
	for _, window := range [][2]int{{1280, 800}, {390, 780}} {
		w, page, base := seenAt(t, window[0], window[1])
		id := w.deliver(w.ann, w.account, raw)[0]
		page.Goto(base + messageURL(id, ""))
		waitEval(t, page, `document.querySelector(".people").getBoundingClientRect().bottom < innerHeight`, "true")
		waitEval(t, page, `document.querySelector(".text").getBoundingClientRect().top < 2 * innerHeight`, "true")
	}
}
