package message

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// lexed writes the tokens of our lexer in one line each.
func lexed(src string) []string {
	var l tokenList
	for lexer := (htmlLexer{src: src}); ; {
		t, ok := lexer.next()
		switch {
		case !ok:
			return l.list
		case t.text != "":
			l.text(html.UnescapeString(t.text))
		case t.end:
			l.list = append(l.list, "</"+t.tag.String()+">")
		case t.tag == atom.Img:
			l.list = append(l.list, "<img "+html.UnescapeString(t.attribute("alt"))+">")
		default:
			l.list = append(l.list, "<"+t.tag.String()+">")
		}
	}
}

// tokenised writes those of x/net/html in the same way, without what stands in elements that are skipped.
func tokenised(src string) []string {
	var l tokenList
	hidden := false
	for z := html.NewTokenizer(strings.NewReader(src)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return l.list
		case html.TextToken:
			if text := string(z.Text()); !hidden {
				l.text(text)
			}
		case html.EndTagToken:
			hidden = false
			name, _ := z.TagName()
			l.list = append(l.list, "</"+atom.Lookup(name).String()+">")
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			switch hidden = false; tag {
			case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noframes:
				hidden = true
			case atom.Img:
				alt := ""
				for key, value := []byte(nil), []byte(nil); more && alt == ""; {
					if key, value, more = z.TagAttr(); string(key) == "alt" {
						alt = string(value)
					}
				}
				l.list = append(l.list, "<img "+alt+">")
				continue
			}
			l.list = append(l.list, "<"+tag.String()+">")
		}
	}
}

type tokenList struct{ list []string }

// text joins neighbouring texts.
func (l *tokenList) text(s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if n := len(l.list); n > 0 && strings.HasPrefix(l.list[n-1], "text ") {
		l.list[n-1] += s
		return
	}
	l.list = append(l.list, "text "+s)
}

// unlike is where the two differ on purpose: elements that other readers take for raw text, scripts that look for
// comments in themselves, NULs, which are dropped before, and character references in attributes, which have rules of
// their own.
var unlike = regexp.MustCompile(`(?i)<(noscript|noembed|xmp|plaintext|script)|<img[^>]*&|[\x00\r]`)

var markup = []string{
	"", "<", "</", "</>", "<p", "<p>a<br/>b</p>", "a < b <= c", "1 <2>3", "a<!-->b", "a<!--->b", "a<!-- -- > - --!>b", "a<!-- b", "<!---->x", "<!a>b<?c>d",
	"<!DOCTYPE html>x", "<a href=\"x>y\">z", "<a href='x>y'>z", "<a href=x>y>z", "<a =b>c", "<a b = c d>e", "<a b=>c", "<a/b/>c", "<A HREF=\"x>y",
	"<style>a<b></style>c", "<STYLE>a</styl></style >c", "<title>a</title", "<textarea><p></textarea>b", "</ p>x", "</p a='>'>x", "&lt;p&gt; &amp &nbsp;",
	`<img src=x alt="a b">`, "<img alt=a>", "<img alt>", "<img ALT='c' alt='d'>", "a<img", strings.Repeat("x", 30) + "<averyveryverylongname>y",
}

func TestHTMLLexer(t *testing.T) {
	for _, src := range markup {
		if got, want := lexed(src), tokenised(src); !equalLists(got, want) {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
	if got := TextFromHTML("a<noscript>b <i>c</i></noscript><script>if (1<2) '<!--'</script>d"); got != "ab cd\n" {
		t.Errorf("without scripts: %q", got)
	}
}

func equalLists(a, b []string) bool { return strings.Join(a, "\x00") == strings.Join(b, "\x00") }

// FuzzHTMLLexer holds that it cuts as x/net/html does.
func FuzzHTMLLexer(f *testing.F) {
	for _, src := range markup {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := lexed(src)
		if unlike.MatchString(src) {
			return
		}
		if want := tokenised(src); !equalLists(got, want) {
			t.Fatalf("%q: %q, want %q", src, got, want)
		}
	})
}
