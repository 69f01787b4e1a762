package sanitize

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// FuzzScan: the scanner sees the tags, attributes and texts that html.Tokenizer sees.
func FuzzScan(f *testing.F) {
	seed(f)
	for _, s := range scanSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got, want := scanned(src), tokenized(src)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("%q, item %d\n got %q\nwant %q", src, i, got[min(i, len(got)):], want[min(i, len(want)):])
			}
		}
	})
}

var scanSeeds = []string{
	"a<b c=d e='f' g=\"h\" i>j</b >k<br/>l<p a=/>m", "<a =b=c / d/e=f//>x", "<a b='", "<a b", "<", "x<", "</", "</>", "</ x>y", "<!>", "<!-->x-->", "<!--->x", "<!----!>x",
	"<!--a--!b-->c", "<!-- - -- ->-->", "<!DocType html public 'x'>y", "<!doctyp>", "<?xml ?>z", "<![CDATA[x]]>y", "<script><!--<script></script>--></script>x",
	"<script>a</scripty></SCRIPT >b", "<style></style\f>x", "<title>&amp;</title>", "<plaintext>a</plaintext>", "<xmp><b></xmp>c", "<textarea></textarea", "<noscript><p></noscript>",
	"<a title='&amp;&ampx&amp=1&notit;&notin;&#65&#x41;&#xzz&semi;&;&copy'>", "<a A=1 a=2 A=3>", "<a\x00b c\x00=d\x00>", "<p a=\"x\r\ny\rz\">", "<abcdefghijklmnopqrstuvwxyz a>x", "<svg/>y<svg a=/>",
}

func scanned(src string) (list []string) {
	s := scanner{rest: src}
	for {
		switch s.next() {
		case scanEnd:
			return list
		case scanText:
			list = addText(list, s.text)
		case scanStart:
			list = append(list, "<"+tagText(s.name)+attrsText(new(attrTable).read(s.attrs), s.selfClosing))
		case scanEndTag:
			list = append(list, "</"+tagText(s.name))
		case scanDoctype:
			list = append(list, "<!"+strings.TrimSpace(s.text))
		}
	}
}

func tokenized(src string) (list []string) {
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return list
		case html.TextToken:
			list = addText(list, string(z.Raw()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			list = append(list, "<"+tagText([]byte(t.Data))+attrsText(t.Attr, kind == html.SelfClosingTagToken))
		case html.EndTagToken:
			name, _ := z.TagName()
			list = append(list, "</"+tagText(name))
		case html.DoctypeToken:
			raw := string(z.Raw())
			list = append(list, "<!"+strings.TrimSpace(strings.TrimSuffix(raw[len("<!doctype"):], ">")))
		}
	}
}

// tagText is a name as far as the scanner tells it.
func tagText(name []byte) string {
	if strings.ContainsRune(string(name), '\uFFFD') || strings.Contains(string(name), "\x00") || len(name) == 0 || len(name) > 16 {
		return "?"
	}
	return string(name)
}

func attrsText(list []html.Attribute, selfClosing bool) string {
	if len(list) > maxTagAttrs {
		list = nil
	}
	text := ""
	for _, a := range list {
		text += fmt.Sprintf(" %q=%q", a.Key, a.Val)
	}
	if selfClosing {
		text += "/"
	}
	return text + ">"
}

func addText(list []string, text string) []string {
	if n := len(list); n > 0 && !strings.HasPrefix(list[n-1], "<") {
		list[n-1] += text
		return list
	}
	return append(list, "\""+text)
}

// TestAttributesShared: what many tags have alike is read once.
func TestAttributesShared(t *testing.T) {
	s := strain(strings.Repeat(`<td align=left width="10">x`, 100) + `<td width="10" align=left>y`)
	if len(s.attrs.lists) != 2 {
		t.Errorf("%d lists of attributes, want 2", len(s.attrs.lists))
	}
	if got := s.attrs.lists[0]; !slices.Equal(got, []html.Attribute{{Key: "align", Val: "left"}, {Key: "width", Val: "10"}}) {
		t.Errorf("attributes %q", got)
	}
}
