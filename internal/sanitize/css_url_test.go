package sanitize

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tdewolff/parse/v2/css"
	"golang.org/x/net/html"
)

// ways are the ways by which a picture comes into styles; %s is its address in HTML.
var ways = []string{
	`<p style="background:#fff url(%s) no-repeat">x`,
	`<p style='background-image:url("%s")'>x`,
	`<ul style="list-style-image:url(%s)"><li>x</ul>`,
	`<table background="%s"><tr><td background="%s">x</table>`,
	`<body background="%s">x`,
}

// TestAddressesStayInTheirQuotes: whatever the caller gives as the address of a picture is one quoted string within url(),
// which ends neither there nor in the attribute. (What the portal gives holds nothing that would need it.)
func TestAddressesStayInTheirQuotes(t *testing.T) {
	for _, address := range []string{
		`/images/AZaz09-_`, `data:image/png;base64,AZaz09+/==`,
		`'`, `"`, `\`, `)`, `');x:url('http://t.test/`, `") x:url("http://t.test/`, `x\27);color:red;y:url(\27`, `"><script>alert(1)</script>`,
		`</style><script>alert(1)</script>`, "a\nb", "a\rb", "a\fb", "\\\n'", `&#39;);color:red`, `&quot;`, `/*`, `*/`, `<!--`, `-->`, `]]>`, `}body{color:red`, `;color:red`,
		`!important`, `javascript:alert(1)`, `ü` + "\u2028\u202e\u00a0", `{{.}}`,
	} {
		for _, way := range ways {
			give := func(string) string { return address }
			got := HTML(strings.ReplaceAll(way, "%s", "http://h.example/a.png"), Options{LoadRemote: give})
			n := 0
			for _, style := range stylesOf(t, got.HTML) {
				for _, tok := range tokenize(style, nil) {
					switch tok.kind {
					case css.URLToken:
						if n++; urlText(tok.text) != address {
							t.Errorf("%q reads as %q: %s", address, urlText(tok.text), got.HTML)
						}
					case css.IdentToken, css.ColonToken, css.HashToken, css.WhitespaceToken:
					default:
						t.Errorf("%q: a %v in %s", address, tok.kind, got.HTML)
					}
				}
			}
			if want := strings.Count(way, "%s"); n != want {
				t.Errorf("%q: %d addresses, want %d: %s", address, n, want, got.HTML)
			}
		}
	}
}

// stylesOf are the style attributes of HTML that holds nothing else which could do something.
func stylesOf(t *testing.T, out string) (styles []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data != "html" && n.Data != "head" && n.Data != "body" && !inertElements[n.Data] || n.DataAtom == 0 && n.Type == html.ElementNode {
			t.Errorf("element %s in %s", n.Data, out)
		}
		for _, a := range n.Attr {
			if a.Key == "style" {
				styles = append(styles, a.Val)
			} else if !inertAttributes[a.Key] {
				t.Errorf("attribute %s in %s", a.Key, out)
			}
		}
	}
	return styles
}

var writtenURL = regexp.MustCompile(`(?i)(?:url|src|image|image-set|element|cross-fade|attr|var|env)\s*\([^)]*\)?`)

// TestNoAddressOfTheSender: no spelling of an address brings one of the sender's own into the output. What is shown comes
// from where the caller says, and is asked for with an absolute address of the web or a content-id.
func TestNoAddressOfTheSender(t *testing.T) {
	spellings := []string{
		`http://h.example/a.png`, `//h.example/a.png`, `HTTPS:\\h.example\a.png`, `/images/forged`, `images/forged`, `?images=once`, `#x`, `cid:dot`, `CID:dot`, `mid:dot`,
		`data:image/svg+xml,<svg onload=alert(1)>`, `data:image/png;base64,iVBORw0KGgo=`, `data:text/html,x`, `blob:x`, `javascript:alert(1)`, `file:///etc/passwd`, `about:blank`, `view-source:x`,
		`http://h.example/a.png)\27 );x:url(/logout`, `http://h.example/a.png');x:url('/logout`, `http://h.example/\22);x:url(/logout)`, "http://h.example/a\\\n.png", `http://h.example/a.png) url(/logout`,
		`http://h.example/a.png), url(/logout`, `"http://h.example/a.png" format("x")`, `http://h.example/a.png" 1x, "/logout`, ` `, ``, `\`, `(`, `)`,
	}
	forms := append(ways,
		`<p style="background:\75 rl(%s)">x`, `<p style="background:u\72l('%s')">x`, `<p style="background:URL(%s">x`, `<p style="background:url('%s">x`, `<p style="background:url(/**/%s)">x`,
		`<p style="background:image-set('%s' 1x)">x`, `<p style="background:src('%s')">x`, `<p style="background:image('%s')">x`, `<p style="background:-webkit-image-set(url(%s) 1x)">x`,
		`<p style="background:cross-fade(url(%s),red)">x`, `<p style="--a:url(%s);background:var(--a)">x`, `<p data-a="%s" style="background:attr(data-a url)">x`,
		`<p style="cursor:url(%s),auto">x`, `<p style="content:url(%s)">x`, `<p style="border-image:url(%s) 1">x`, `<p style="mask:url(%s)">x`, `<p style="filter:url(%s)">x`, `<p style="behavior:url(%s)">x`,
		`<p style="color:url(%s)">x`, `<p style="width:url(%s)">x`, `<style>p{background:url(%s)}</style><p>x`, `<style>@import url(%s);p{list-style:url("%s")}</style><p>x`,
	)
	for _, form := range forms {
		for _, spelling := range spellings {
			in := strings.ReplaceAll(form, "%s", spelling)
			got := HTML(in, Options{
				LoadRemote: func(u string) string {
					if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
						t.Errorf("%s: asked for %q", in, u)
					}
					return "/images/ok"
				},
				CID: func(id string) string { return map[string]string{"dot": "data:image/gif;base64,ok"}[id] },
			})
			for _, url := range writtenURL.FindAllString(got.HTML, -1) {
				if url != `url(&#39;\2f images\2f ok&#39;)` && url != `url(&#39;data:image\2f gif;base64,ok&#39;)` {
					t.Errorf("%s\nbecomes %s", in, got.HTML)
				}
			}
			for _, bad := range []string{"logout", "forged", "javascript:", "svg"} {
				if strings.Contains(got.HTML, bad) {
					t.Errorf("%s\nbecomes %s", in, got.HTML)
				}
			}
		}
	}
}
