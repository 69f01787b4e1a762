package sanitize

import "testing"

func TestTracking(t *testing.T) {
	for url, want := range map[string]bool{
		"https://example.us1.list-manage.com/track/open.php?u=1&id=2": true,
		"https://u123.ct.sendgrid.net/wf/open?upn=x":                  true,
		"https://links.shop.example/wf/open?upn=x":                    true,
		"https://SHOP.us-east-1.awstrack.me/I0/0100x":                 true,
		"http://click.example/open.aspx?x":                            true,
		"https://www.google-analytics.com/collect?v=1":                true,
		"https://www.facebook.com/tr?id=1":                            true,
		"https://user@mailtrack.io/trace/mail/x.png":                  true,
		"https://cdn.shop.example/images/hero.png":                    false,
		"https://list-manage.com.evil.example/images/open.png":        false,
		"https://www.facebook.com/images/logo.png":                    false,
		"https://notmailgun.org/o/x":                                  false,
		"https://shop.example":                                        false,
	} {
		if got := tracking(url); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}

// TestFindings: what a page tells of a mail beside its body.
func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		in        string
		disguised int
		painted   bool
	}{
		{`<p style="color:#333">Hello</p>`, 0, false},
		{`<body bgcolor="#ffffff"><td style="background:white none"><p style="background-color:transparent">x`, 0, false},
		{`<body bgcolor="#eeeeee">x`, 0, true},
		{`<table><tr><td bgcolor=black>x</table>`, 0, true},
		{`<style>.x{background-color:#123}</style>x`, 0, true},
		{`<p style="background:linear-gradient(red,blue)">x`, 0, true},
		{`<p style="color:#000!important">x`, 0, true},
		{`<a href="http://evil.com/">www.bank.com</a> <a href="http://bank.com/">bank.com</a> <a href="http://x.example">http://y.example</a>`, 2, false},
	} {
		got := HTML(tt.in, Options{})
		if got.Disguised != tt.disguised || got.Painted != tt.painted {
			t.Errorf("%s: %d disguised, painted %v", tt.in, got.Disguised, got.Painted)
		}
	}
}
