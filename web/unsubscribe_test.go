package web

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"postern/internal/unsubscribe"
	"postern/store"
)

// asks notes whom the portal asks to let go of somebody.
func (p *portal) asks(answer error) *[]string {
	asked := &[]string{}
	p.server.unsubscribe = func(_ context.Context, address string) error {
		*asked = append(*asked, address)
		return answer
	}
	return asked
}

// TestUnsubscribe: asked first, then done with one request to the address of the message, and said either way.
func TestUnsubscribe(t *testing.T) {
	w := newWorld(t)
	ann, path := w.as(w.ann), "/messages/"+formatID(w.message)
	asked := w.asks(nil)
	ann.get(path).has(t, `href="`+path+`/unsubscribe"`)
	ann.get(path+"/unsubscribe").want(t, 200).has(t, "Postern asks lists.example.com", "Nobody vouches", `href="mailto:off@lists.example.com?subject=off"`, ">Write to off@lists.example.com<").hasNot(t, "who=ann")
	if len(*asked) != 0 {
		t.Fatalf("looking asked %q", *asked)
	}
	ann.post(path+"/unsubscribe", "url", "https://evil.example/").leads(t, path)
	if strings.Join(*asked, " ") != "https://lists.example.com/u?who=ann" {
		t.Errorf("asked %q", *asked)
	}
	ann.get(path).has(t, "lists.example.com was asked to take you off its list.")

	w.asks(unsubscribe.StatusError(410))
	ann.post(path+"/unsubscribe").want(t, 422).has(t, "lists.example.com did not do it: it answered 410.", "off@lists.example.com")
	w.asks(errors.New("dial tcp 10.0.0.1:443: secret"))
	ann.post(path+"/unsubscribe").want(t, 422).has(t, "lists.example.com could not be reached.").hasNot(t, "10.0.0.1")

	parcel := "/messages/" + formatID(w.parcel)
	ann.get(parcel).hasNot(t, "/unsubscribe")
	ann.get(parcel+"/unsubscribe").want(t, 404).has(t, "names no way to unsubscribe")
	ann.post(parcel+"/unsubscribe").want(t, 404)
}

// TestUnsubscribeOtherwise: what cannot be left with one click is not asked, and hostile addresses lead nowhere.
func TestUnsubscribeOtherwise(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	asked := p.asks(nil)
	with := func(header ...string) string { return mail("News", "x", header...) }
	ids := p.deliver(p.ann, work,
		with("List-Unsubscribe: <https://lists.example.com/page>, <mailto:a@b.example?body=x&cc=eve@example.net>"),
		with("List-Unsubscribe: <mailto:off@lists.example.com>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
		with(`List-Unsubscribe: <javascript:alert(1)>, <http://lists.example.com/u>, <https:///u>, <https://[::1>`, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
		with("List-Unsubscribe: <https://xn--pple-43d.example/u>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Authentication-Results: mx7.example.com; dmarc=pass header.from=example.net"))
	ann := p.as(p.ann)
	page := func(i int) string { return "/messages/" + formatID(ids[i]) + "/unsubscribe" }
	ann.get(page(0)).want(t, 200).has(t, "no way to do this with one click", `href="https://lists.example.com/page" target="_blank" rel="noopener noreferrer"`).hasNot(t, "<button type=\"submit\" class=\"button main\">Unsubscribe")
	ann.get(page(2)).hasNot(t, "javascript:", "http://lists")
	for i := range 3 {
		ann.post(page(i)).want(t, 404)
	}
	if len(*asked) != 0 {
		t.Errorf("asked %q", *asked)
	}
	ann.get(page(3)).want(t, 200).has(t, "xn--pple-43d.example").hasNot(t, "Nobody vouches")

	_, err := p.store.Act(t.Context(), p.ann.ID, store.ToJunk, ids[3:])
	p.must(err)
	ann.get("/messages/"+formatID(ids[3])).want(t, 200).hasNot(t, "/unsubscribe")
	ann.post(page(3)).want(t, 404)
}

// TestUnsubscribeGuarded: the real way out reaches nothing on this machine or in its network.
func TestUnsubscribeGuarded(t *testing.T) {
	leave := newLeave(nil)
	for _, address := range []string{"https://127.0.0.1/u", "https://localhost/u", "https://[::1]/u", "https://10.0.0.1/u", "https://169.254.169.254/u", "https://127.0.0.1:8110/settings"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if err := leave(ctx, address); err == nil || ctx.Err() != nil {
			t.Errorf("%s: %v", address, err)
		}
		cancel()
	}
}

// TestUnsubscribeInBrowser: the way from the message and back.
func TestUnsubscribeInBrowser(t *testing.T) {
	w, page, base := seen(t)
	asked := w.asks(nil)
	page.Goto(base + "/messages/" + formatID(w.message))
	page.Click("link", "Unsubscribe")
	page.WaitText("Postern asks lists.example.com", 10*time.Second)
	page.Click("button", "Unsubscribe from this list (lists.example.com)")
	page.WaitText("was asked to take you off its list", 10*time.Second)
	if len(*asked) != 1 {
		t.Errorf("asked %q", *asked)
	}
}
