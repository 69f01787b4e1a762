package web

import (
	"fmt"
	"strings"
	"testing"
)

// TestWarnings: what a reader is told before believing a message.
func TestWarnings(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work") // work@example.com at mx7.example.com
	ann := p.as(p.ann)
	from := func(from string, fields ...string) string {
		return strings.Replace(mail("W "+from+strings.Join(fields, ""), "text", fields...), "Lina Berg <lina@example.net>", from, 1)
	}
	attached := func(name, body string) string {
		return mail("A "+name, "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\""+name+"\"\r\n\r\n"+body+"\r\n--b--\r\n", `Content-Type: multipart/mixed; boundary="b"`)
	}
	const (
		forged     = "could not confirm that this is from"
		name       = "reads as another address"
		mixed      = "mixes letters of several alphabets"
		looksLike  = "it only looks like it"
		program    = "is a program, or can hold one"
		answers    = "Answers go to"
		links      = "to another place than"
		severalFor = "There are several From fields"
	)
	all := []string{forged, name, mixed, looksLike, program, answers, links, severalFor}
	for _, tt := range []struct {
		raw  string
		want []string
	}{
		{from("Lina Berg <lina@example.net>"), nil},
		{from("Lina Berg <lina@example.net>", "Authentication-Results: mx7.example.com; dmarc=fail header.from=example.net"), []string{forged}},
		{from("Lina Berg <lina@example.net>", "Authentication-Results: mx.other.example; dmarc=fail header.from=example.net"), nil},
		{from(`"service@paypal.com" <x@evil.example>`), []string{name}},
		{from("Bank <x@xn--pypal-4ve.com>"), []string{mixed}},
		{from("Bank <x@examp1e.com>"), []string{looksLike}},
		{from("Bank <x@exarnple.com>"), []string{looksLike}},
		{from("Bank <x@mail.example.com>"), nil},
		{from("Lina <lina@example.net>", "Reply-To: other@example.org"), []string{answers}},
		{from("Lina <lina@example.net>", "Reply-To: other@example.net"), nil},
		{from("Lina <lina@example.net>", "Reply-To: list@lists.example.org", "List-Id: <list.lists.example.org>"), nil},
		{from("Lina <lina@example.net>", "From: eve@example.org"), []string{severalFor}},
		{attached("setup.exe", "x"), []string{program}},
		{attached("invoice.pdf.scr ", "x"), []string{program}},
		{attached("photo.jpg", "MZ\x90"), []string{program}},
		{attached("report.docm", "x"), []string{program}},
		{attached("photo.jpg", "\xff\xd8\xff"), nil},
		{mail("links", `<a href="http://evil.com/x">https://www.bank.com/login</a>`, "Content-Type: text/html"), []string{links}},
		{mail("links 1", `<div style="height:20px;overflow:hidden"><a style="display:block" href="http://evil.com/x">https://www.bank.com/login</a></div>`, "Content-Type: text/html"), []string{links, "its text says: evil.com."}},
		{mail("links 2", `<a href="http://www.bank.com/x">bank.com</a>`, "Content-Type: text/html"), nil},
	} {
		id := p.deliver(p.ann, work, tt.raw)[0]
		a := ann.get(messageURL(id, "")).want(t, 200)
		for _, text := range all {
			want := strings.Contains(strings.Join(tt.want, "|"), text)
			if strings.Contains(a.body, text) != want {
				t.Errorf("%q says %q: %v, want %v", tt.raw[:60], text, !want, want)
			}
		}
		a.has(t, tt.want...)
	}
}

// TestFirstContact: that a sender is new is said where it means something.
func TestFirstContact(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ann := p.as(p.ann)
	at := func(day int) string {
		return fmt.Sprintf("Received: from a by b; Mon, %d Nov 2026 10:00:00 +0000", day)
	}
	const first = "This is the first message from lina@example.net."
	ids := p.deliver(p.ann, work, mail("One", "x", at(2)), mail("Two", "y", at(3)), mail("Elsewhere", "z", at(1), "Reply-To: x@example.org"))
	ann.get(messageURL(ids[0], "")).hasNot(t, first) // a mailbox that has seen nothing yet
	ann.get(messageURL(ids[2], "")).has(t, first, "Answers go to")

	var old []string
	for n := range historyToTell {
		old = append(old, strings.Replace(mail(fmt.Sprintf("Old %d", n), "x", "Received: from a by b; Mon, 5 Oct 2026 10:00:00 +0000"), "lina@example.net", "otto@example.net", 1))
	}
	p.deliver(p.ann, work, old...)
	ann.get(messageURL(ids[2], "")).has(t, first)
	ann.get(messageURL(ids[0], "")).hasNot(t, first)
	list := strings.Replace(mail("List", "x", "Authentication-Results: "+proved, "Received: from a by b; Mon, 9 Nov 2026 10:00:00 +0000", "List-Id: <list.example.net>"), "lina@example.net", "news@example.net", 1)
	alone := strings.Replace(mail("New", "x", "Received: from a by b; Mon, 9 Nov 2026 10:00:00 +0000"), "lina@example.net", "nora@example.net", 1)
	ids = p.deliver(p.ann, work, list, alone)
	ann.get(messageURL(ids[0], "")).hasNot(t, "This is the first message")
	ann.get(messageURL(ids[1], "")).has(t, `<p class="strip quiet"`, "This is the first message from nora@example.net.")
}
