package sanitize

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// newsletter builds a mail of about n octets the way newsletters are built:
// nested tables, a style on every cell, a head of style sheets.
func newsletter(n int) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html><head><meta charset="utf-8"><title>News</title><style>
body{margin:0;padding:0;background:#f4f4f4}table{border-collapse:collapse}.btn a:hover{background:#123456!important}
@media only screen and (max-width:600px){.col{display:block!important;width:100%!important}}
</style><!--[if mso]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head><body bgcolor="#f4f4f4"><table width="100%">`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `<tr><td align="center" valign="top" style="padding:10px 20px 10px 20px;font-family:Arial, 'Helvetica Neue', Helvetica, sans-serif;font-size:16px;line-height:24px;color:#333333">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td class="col" width="50%%" style="padding:%dpx"><img src="https://img.example.com/%d.png" width="280" height="120" alt="Item %d" style="display:block;border:0"></td>
<td class="col btn"><p style="margin:0 0 16px">Some words about <b>item %d</b>, which is &amp; remains &eacute;tonnant.</p><a href="https://example.com/items/%d?utm_source=mail&amp;u=%d" style="background-color:#0055aa;color:#ffffff;padding:12px 24px;text-decoration:none;border-radius:4px">Read more</a></td></tr></table></td></tr>`,
			i%20, i, i, i, i, i*7919)
	}
	b.WriteString(`</table></body></html>`)
	return b.String()
}

func BenchmarkHTML(b *testing.B) {
	for _, size := range []int{30 << 10, 1 << 20} {
		src := newsletter(size)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				HTML(src, Options{})
			}
		})
	}
}

// TestLinear holds the time for bodies made to be slow within a wide bound of
// what a mail of their size may take.
func TestLinear(t *testing.T) {
	rep := func(s string, n int) string { return strings.Repeat(s, n) }
	many := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const m = 1 << 20
	for name, src := range map[string]string{
		"formatting reopened":  many("<font color=%d>", 400) + rep("</p><p>x", m/8),
		"formatting misnested": rep("<b><i><u><p></b></i></u>", m/24),
		"formatting in cells":  rep("<table><td>", 100) + many("<b id=%d>", 300) + rep("<p>x", m/4),
		"deep":                 rep("<div>", m/5),
		"deep and closed":      rep("<div>", 400) + rep("<p></p>", m/7),
		"many attributes":      "<p " + many("a%d ", m/8) + ">" + "<b " + many("a%d ", m/8) + "><b " + many("a%d ", m/8) + ">",
		"tables in tables":     rep("<table><tr><td>", m/15),
		"lists":                rep("<li>", m/4),
		"anchors":              rep("<a href=#x id=y>", m/16),
		"text":                 rep("<", m),
		"entities":             rep("&amp", m/4),
		"comments":             rep("<!--", m/4),
		"unclosed tag":         rep("<a x=\"", m/6),
		"svg":                  rep("<svg><p>", m/8),
		"css braces":           "<style>" + rep("a{", m/2) + "</style>",
		"css parentheses":      "<style>a{width:" + rep("calc(", m/5) + "</style>",
		"css brackets":         "<style>" + rep("[", m-9) + "</style>",
		"css selectors":        "<style>" + rep("a,", m/2) + "{color:red}</style>",
		"css compounds":        "<style>" + rep("a ", m/2) + "{color:red}</style>",
		"css rules":            "<style>" + rep("a{color:red}", m/12) + "</style>",
		"css media":            "<style>" + rep("@media screen{", m/14) + "</style>",
		"css escapes":          "<style>" + rep(`\`, m-9) + "</style>",
		"css comments":         "<style>" + rep("/*", m/2-9) + "</style>",
		"css strings":          "<style>a{font-family:" + rep(`"`, m/2) + "</style>",
		"css bad urls":         "<style>" + rep("url( a ", m/8) + "</style>",
		"style attributes":     many(`<p style="width:%dpx">x`, m/24),
		"style attribute":      `<p style="` + rep("color:red;", m/10) + `">x`,
		"classes":              `<p class="` + rep("a ", m/2) + `">x`,
		"frames and raw text":  rep("<noscript><title>", m/17),
		"foster parents":       "<table>" + rep("<b>x", m/4),
		"data images":          rep(`<img src="data:image/gif;base64,R0lGODlh">`, m/42),
		"jumps":                many("<a href=#%d>", m/12),
		"unmatched ends":       rep("<div>", 400) + rep("</i>", m/4),
		"paragraph ends":       rep("</p>", m/4),
		"styles in a row":      rep("<style>a{color:red}</style>", m/27),
		"nbsp":                 rep("\u00a0", m/2),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := HTML(src, Options{})
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%v for %d octets", d, len(src))
			} else {
				t.Logf("%v for %d octets in, %d out, %v", d.Round(time.Millisecond), len(src), len(got.HTML), got.Notes)
			}
			if len(got.HTML) > 20*len(src) {
				t.Errorf("%d octets out of %d", len(got.HTML), len(src))
			}
		})
	}
}
