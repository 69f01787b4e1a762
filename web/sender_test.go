package web

import (
	"testing"

	"postern/internal/i18n"
	"postern/internal/message"
)

// TestSenderText: a name does not pass for another sender's address.
func TestSenderText(t *testing.T) {
	for _, c := range []struct {
		name, address string
		want          string
	}{
		{"Ann", "ann@example.com", "Ann"},
		{"Ann Lee (Example)", "ann@example.com", "Ann Lee (Example)"},
		{"J.R.Hartley", "jr@example.com", "J.R.Hartley"},
		{"Ann @ Example", "ann@example.com", "Ann @ Example"},
		{"ann@example.com", "Ann@Example.com", "ann@example.com"},
		{"Example.com", "news@mail.example.com", "Example.com"},
		{"shop.example.com orders", "news@example.com", "shop.example.com orders"},
		{"service@example.com", "mallory@example.net", "mallory@example.net"},
		{"Bank (service@example.com)", "mallory@example.net", "mallory@example.net"},
		{"service＠example.com", "mallory@example.net", "mallory@example.net"},
		{"ser\u200bvice@example.com", "mallory@example.net", "mallory@example.net"},
		{"Example.com", "mallory@example.net", "mallory@example.net"},
		{"Example.com", "mallory@notexample.com", "mallory@notexample.com"},
		{"service@example.com", "", "service@example.com"},
		{"", "ann@example.com", "ann@example.com"},
		{"\u202e\u200b", "", "(unknown sender)"},
		{"", "", "(unknown sender)"},
	} {
		if got := senderText(i18n.Locale{}, message.Address{Name: c.name, Address: c.address}); got != c.want {
			t.Errorf("%q <%s> is shown as %q, want %q", c.name, c.address, got, c.want)
		}
	}
}

// TestAddressText: a domain does not pass for another one.
func TestAddressText(t *testing.T) {
	for in, want := range map[string]string{
		"ann@example.com": "ann@example.com", "MAILER-DAEMON": "MAILER-DAEMON", "": "", "@": "@",
		"ann@xn--bcher-kva.example": "ann@xn--bcher-kva.example",
		"ann@bücher.example":        "ann@bücher.example",
		"ann@例子.example":            "ann@例子.example",
		"ann@ドメイン-jp.example":       "ann@ドメイン-jp.example",
		"ann@почта.example":         "ann@почта.example",
		"ann@сор.рф":                "ann@сор.рф",
		"ann@ex\u0430mple.com":      "ann@xn--exmple-4nf.com", // a Cyrillic а
		"ann@со.example":            "ann@xn--n1af.example",   // all Cyrillic, all like Latin
		"ann@exampıe.com":           "ann@xn--exampe-t9a.com", // ı is no l
		"ann@exa\u200bmple.com":     "ann@xn--example-2z6c.com",
		"a\u202eb@example.com":      "ab@example.com",
		"ann@exam ple.com\u00a0":    `ann@exam ple.com\u00a0`,
	} {
		if got := addressText(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// TestForgedSender: the list and the message name the address that a mail really comes from.
func TestForgedSender(t *testing.T) {
	p := newPortal(t)
	id := p.deliver(p.ann, p.addAccount(p.ann, "post"), "From: \"service@example.com\" <mallory@ex\u0430mple.com>\nTo: ann@example.com\nSubject: urgent\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\nPay.\n")[0]
	b := p.as(p.ann)
	b.get("/mail/inbox").want(t, 200).has(t, ">mallory@xn--exmple-4nf.com<").hasNot(t, ">service@example.com<")
	b.get("/messages/"+formatID(id)).want(t, 200).has(t, "mallory@xn--exmple-4nf.com").hasNot(t, message.SeveralFrom)
}

// TestSeveralFrom: a message with two senders is shown with a warning that is seen.
func TestSeveralFrom(t *testing.T) {
	p := newPortal(t)
	id := p.deliver(p.ann, p.addAccount(p.ann, "post"), "From: ann@example.com\nFrom: bob@example.net\nSubject: two\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\nx\n")[0]
	a := p.as(p.ann).get("/messages/"+formatID(id)).want(t, 200).has(t, "ann@example.com", message.SeveralFrom)
	a.hasNot(t, "bob@example.net", "not quite well formed")
}
