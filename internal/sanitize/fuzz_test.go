package sanitize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzHTML: whatever comes in, the output parses to allowed nodes, attributes
// and URLs only, and cleaning it again changes nothing.
func FuzzHTML(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src string) {
		got := HTML(src, Options{})
		if why := inert(got.HTML, nil); why != "" {
			t.Fatalf("%s\nout: %s", why, got.HTML)
		}
		again := HTML(got.HTML, Options{})
		if again.HTML != got.HTML {
			t.Fatalf("not a fixpoint\n1st: %s\n2nd: %s", got.HTML, again.HTML)
		}
	})
}

// FuzzStyle does the same for CSS alone, as a sheet and as an attribute.
func FuzzStyle(f *testing.F) {
	for _, s := range styleSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		src = strings.ToValidUTF8(src, "\uFFFD") // as HTML has it done
		s := newStyler()
		s.addSheet(src, "", "")
		once := s.sheet()
		if strings.ContainsAny(once, "<\x00") {
			t.Fatalf("markup in a sheet: %q", once)
		}
		s = newStyler()
		s.addSheet(once, "", "")
		if twice := s.sheet(); twice != once {
			t.Fatalf("not a fixpoint\n1st: %s\n2nd: %s", once, twice)
		}
		if why := inertCSS(once); why != "" {
			t.Fatal(why)
		}
		once = s.inline(src)
		if twice := newStyler().inline(once); twice != once {
			t.Fatalf("inline: not a fixpoint\n1st: %s\n2nd: %s", once, twice)
		}
		if why := inertCSS(once); why != "" {
			t.Fatal(why)
		}
	})
}

// FuzzGrowth: the parser never makes more nodes than strain foresaw.
func FuzzGrowth(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src string) {
		s := strain(src)
		defer s.release()
		doc, err := s.parse()
		if err != nil {
			return
		}
		n := 0
		for range doc.Descendants() {
			n++
		}
		if n > s.cost.total+4 { // doctype, html, head, body
			t.Fatalf("%d nodes, %d foreseen\n%s", n, s.cost.total, s.out.String())
		}
	})
}

var styleSeeds = []string{
	`color:red;background:url(http://t.test/x) no-repeat #fff;width:calc(100% - (2px * 3))`,
	`.a,#b>li+li~p:nth-child(2n+1):not(.c):hover{margin:-3px 0 auto;font:bold 12px/1.5 "Segoe UI",Arial!important}`,
	`@media only screen and (max-width:600px){.x[class*="y"]{display:block!important}}@font-face{src:url(x)}`,
	`body{margin:0 auto;color-scheme:light dark}html body.x a[href^="http"]{color:#123}`,
	`p\6fsition:f\69xed;b\ackground:u\72l(x);color:r\65 d`,
	`<!-- .a{color:rgb(1 2 3 / .5)} -->@import "x";a{background:linear-gradient(to right,#fff,red 20%)}`,
	`a{color:red;}b{}c{d{e:f}g:h}@x{y{z:1}}`, `a{font-family:'\'};</style>`, `a{b:c`, `\`, `"`, `--x:y;color:var(--x)`,
}

func seed(f *testing.F) {
	for _, c := range readVectors(f) {
		f.Add(c.in)
	}
	for _, s := range growthSeeds {
		f.Add(s)
	}
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "html-vectors", "m*", "*.html"))
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil && len(b) < 4096 {
			f.Add(string(b))
		}
	}
}

var growthSeeds = []string{
	`<p><font color=1><font color=2><font color=3></p><p>x</p><p>y`,
	`<b><table><td></b><i><td>x</table>y<b><p></b>z`,
	`<a><table><a>x</a><tr><td><a>y</table>z`,
	`<h1><table><h2>x</h2></table></h1><ul><li><table><li>x</table></ul>`,
	`<nobr><b><nobr><p></b><nobr>x</nobr>`,
	`<table><table><td><b></table><td><i>x</td>y<caption><b>z`,
}
