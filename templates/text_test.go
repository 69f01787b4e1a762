package templates_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/templates"
)

func TestMarked(t *testing.T) {
	for _, c := range []struct {
		name   string
		text   string
		ranges [][2]int
		want   templates.Text
	}{
		{"none", "tax", nil, templates.Text{{Text: "tax"}}},
		{"empty", "", nil, templates.Text{{}}},
		{"inside", "my tax form", [][2]int{{3, 6}}, templates.Text{{Text: "my "}, {Text: "tax", Mark: true}, {Text: " form"}}},
		{"whole", "tax", [][2]int{{0, 3}}, templates.Text{{Text: "tax", Mark: true}}},
		{"outside and overlapping", "tax", [][2]int{{0, 2}, {1, 3}, {2, 9}}, templates.Text{{Text: "ta", Mark: true}, {Text: "x"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := templates.Marked(c.text, c.ranges)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if got.String() != c.text {
				t.Errorf("the text became %q", got)
			}
		})
	}
}

func TestBlocks(t *testing.T) {
	link := func(s string) templates.Span { return templates.Span{Text: s, URL: s} }
	plain := func(s string) templates.Span { return templates.Span{Text: s} }
	for _, c := range []struct {
		name, body string
		want       []templates.TextBlock
	}{
		{"nothing", "\r\n\n", nil},
		{"quotes", "Yes.\n\n> Really?\n>> No.\n> Hm.\n", []templates.TextBlock{
			{Text: templates.Plain("Yes.")}, {Quote: 1, Text: templates.Plain("Really?")}, {Quote: 2, Text: templates.Plain("No.")}, {Quote: 1, Text: templates.Plain("Hm.")},
		}},
		{"patch", "See below.\n---\n a/b.c | 2 +-\n 1 file changed\n\ndiff --git a/b.c b/b.c\n--- a/b.c\n+++ b/b.c\n@@ -1,2 +1,2 @@\n-int a;\n+int b;\n \n int c;\n-- \n2.39\n", []templates.TextBlock{
			{Text: templates.Plain("See below.\n---\n a/b.c | 2 +-\n 1 file changed")},
			{Code: true, Text: templates.Plain("diff --git a/b.c b/b.c\n--- a/b.c\n+++ b/b.c\n@@ -1,2 +1,2 @@\n-int a;\n+int b;\n \n int c;")},
			{Signature: true, Text: templates.Plain("-- \n2.39")},
		}},
		{"signature", "Yes.\n\n-- \nAnn\n    room 4\n> Really?\n> -- \n> Bob\n", []templates.TextBlock{
			{Text: templates.Plain("Yes.")}, {Signature: true, Text: templates.Plain("-- \nAnn\n    room 4")}, {Quote: 1, Text: templates.Plain("Really?\n-- \nBob")},
		}},
		{"two dashes in a text", "One\n--\ntwo" + strings.Repeat("\nx", 20), []templates.TextBlock{{Text: templates.Plain("One\n--\ntwo" + strings.Repeat("\nx", 20))}}},
		{"signature before another message", "One\n-- \nAnn\n\n---------- Enclosed message ----------\ntwo", []templates.TextBlock{{Text: templates.Plain("One\n-- \nAnn\n\n---------- Enclosed message ----------\ntwo")}}},
		{"patch in a reply", "> @@ -1 +1 @@ main\n> -a\n> +b\n\nWhy?", []templates.TextBlock{{Quote: 1, Code: true, Text: templates.Plain("@@ -1 +1 @@ main\n-a\n+b")}, {Text: templates.Plain("Why?")}}},
		{"code in a fence", "Try\n```go\nx\n\ny\n```\nand\n```\nagain", []templates.TextBlock{
			{Text: templates.Plain("Try")}, {Code: true, Text: templates.Plain("```go\nx\n\ny\n```")}, {Text: templates.Plain("and\n```\nagain")},
		}},
		{"indented code and a table", "Try:\n\n    if a {\n        b()\n    }\n\nName      Price\nApples        1\n\nBye,\n    Ann", []templates.TextBlock{
			{Text: templates.Plain("Try:")}, {Code: true, Text: templates.Plain("    if a {\n        b()\n    }\n\nName      Price\nApples        1")}, {Text: templates.Plain("Bye,\n    Ann")},
		}},
		{"indent kept", "\n  a\nb", []templates.TextBlock{{Text: templates.Plain("  a\nb")}}},
		{"mbox From", ">From here on", []templates.TextBlock{{Text: templates.Plain("From here on")}}},
		{"end of a sentence", "See https://example.com/a_(b), please.", []templates.TextBlock{{Text: templates.Text{plain("See "), link("https://example.com/a_(b)"), plain(", please.")}}}},
		{"in brackets", "(http://example.com/?q=1)", []templates.TextBlock{{Text: templates.Text{plain("("), link("http://example.com/?q=1"), plain(")")}}}},
		{"Chinese after it", "见https://example.com/路径。谢谢", []templates.TextBlock{{Text: templates.Text{plain("见"), link("https://example.com/路径"), plain("。谢谢")}}}},
		{"mail address", "Ask ann@example.com.", []templates.TextBlock{{Text: templates.Text{plain("Ask "), {Text: "ann@example.com", URL: "mailto:ann@example.com"}, plain(".")}}}},
		{"first and last", "a.b+c@mail.example.com", []templates.TextBlock{{Text: templates.Text{{Text: "a.b+c@mail.example.com", URL: "mailto:a.b+c@mail.example.com"}}}}},
		{"after Chinese", "请写信给ann@example.com。", []templates.TextBlock{{Text: templates.Text{plain("请写信给"), {Text: "ann@example.com", URL: "mailto:ann@example.com"}, plain("。")}}}},
		{"capitals", "HTTPS://Example.com", []templates.TextBlock{{Text: templates.Text{link("HTTPS://Example.com")}}}},
		{"no host", "http:// and https://. or @example.com, a@b, a@.b, a@b..c", []templates.TextBlock{{Text: templates.Plain("http:// and https://. or @example.com, a@b, a@.b, a@b..c")}}},
		{"within a word", "xhttp://example.com", []templates.TextBlock{{Text: templates.Plain("xhttp://example.com")}}},
		{"too long", "https://" + strings.Repeat("a", 3000), []templates.TextBlock{{Text: templates.Plain("https://" + strings.Repeat("a", 3000))}}},
		{"other schemes stay text", "javascript:alert(1) ftp://example.com data:text/html,x", []templates.TextBlock{{Text: templates.Plain("javascript:alert(1) ftp://example.com data:text/html,x")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, templates.Blocks(c.body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A hostile text must not become a page many times its size.
func TestBlocksAreBounded(t *testing.T) {
	blocks := templates.Blocks(strings.Repeat("a\n> b\n", 1<<16))
	if n := len(blocks); n > 2002 {
		t.Errorf("%d blocks", n)
	}
	if n := len(templates.Blocks(strings.Repeat("a\n\n\tb\n\tc\n\n", 1<<15))); n > 2002 {
		t.Errorf("%d blocks of prose and code", n)
	}
	if last := blocks[len(blocks)-1].Text.String(); !strings.HasSuffix(last, "a\n> b") {
		t.Errorf("the end of the text was lost: %.20q", last[max(0, len(last)-20):])
	}
	spans := 0
	for _, b := range templates.Blocks(strings.Repeat("a@b.example \n> c@d.example\n", 1<<13)) {
		spans += len(b.Text)
	}
	if spans > 3*2000+10 {
		t.Errorf("%d pieces", spans)
	}
}

// A hostile text must not cost more than its length: what grows with its square takes hours here, on any machine.
func TestBlocksIsLinear(t *testing.T) {
	for _, body := range []string{
		strings.Repeat(">", 1<<20), strings.Repeat("https://", 1<<17), "https://a/" + strings.Repeat(")", 1<<20), strings.Repeat("a.", 1<<19),
		strings.Repeat("a@", 1<<19), strings.Repeat("\n", 1<<20) + "x", strings.Repeat("```a\n", 1<<18), strings.Repeat("--- a\n\n", 1<<18), strings.Repeat("    a\n    b\n\nc\n\n", 1<<16), "https://a/" + strings.Repeat("(", 1<<16) + strings.Repeat(")", 1<<17),
	} {
		start := time.Now()
		templates.Blocks(body)
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%.20q… took %v", body, d)
		}
	}
}
