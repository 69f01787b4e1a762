package sanitize_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"postern/internal/query"
	"postern/internal/sanitize"
)

// marking gives the option Mark for a search.
func marking(search string) func(string) [][2]int {
	q := query.Parse(search, time.Now())
	return func(text string) (ranges [][2]int) {
		for _, s := range q.Highlight(text, query.Body) {
			ranges = append(ranges, [2]int{s.Start, s.End})
		}
		return ranges
	}
}

// short writes marks as brackets and drops the wrapper.
var short = strings.NewReplacer(`<div class="mail-view">`, "", `<mark class="mail-hit" id="mail-first-hit">`, "[", `<mark class="mail-hit">`, "[", "</mark>", "]")

func TestHits(t *testing.T) {
	for _, tt := range []struct{ search, body, want string }{
		{"invoice", "<p>Your Invoice &amp; invoices</p>", "<p>Your [Invoice] &amp; invoices</p>"},
		{"invoic*", "<p>An <b>invoi</b>ce</p>", "<p>An <b>[invoi]</b>[ce]</p>"},
		{`"hello ann"`, "<p>Hello <b>Ann</b>", "<p>[Hello ]<b>[Ann]</b></p>"},
		{"发票", "<p>您的<b>发</b>票已开", "<p>您的<b>[发]</b>[票]已开</p>"},
		{"发票", "<p>发</p><p>票</p>", "<p>发</p><p>票</p>"},
		{`"one two"`, "<table><tr><td>one</td> <td>two</td></tr></table>", "<table><tbody><tr><td>[one]</td><td>[two]</td></tr></tbody></table>"},
		{"script", "<script>script</script><p title=script>x", "<p title=\"script\">x</p>"},
		{"lt", "<p>&lt;lt&gt;", "<p>&lt;[lt]&gt;</p>"},
		{"-absent subject:x", "<p>absent x", "<p>absent x</p>"},
	} {
		got := sanitize.HTML(tt.body, sanitize.Options{Mark: marking(tt.search)}).HTML
		got = strings.TrimSuffix(short.Replace(got), "</div>")
		if got != tt.want {
			t.Errorf("%s in %s:\n got %s\nwant %s", tt.search, tt.body, got, tt.want)
		}
	}
}

// TestHitsChangeNothingElse: without its marks the output is what it is without Mark, whatever is marked.
func TestHitsChangeNothingElse(t *testing.T) {
	bodies := []string{
		"<table><tr><td>a<td>b</table>x <a href='https://a.example'>b.example</a><ul><li>a<li>b</ul><pre>\n\na</pre>",
		"<style>a{color:red}</style><div>a <img alt=a src=cid:a> b", strings.Repeat("<b>a ", 300), "a\x00<p>\u202eb", "a<br>b<hr>a",
	}
	unmarked := strings.NewReplacer(`<mark class="mail-hit" id="mail-first-hit">`, "", `<mark class="mail-hit">`, "", "</mark>", "")
	for _, body := range bodies {
		for _, search := range []string{"a", "b", `"a b"`, "a b", "*"} {
			plain := sanitize.HTML(body, sanitize.Options{})
			got := sanitize.HTML(body, sanitize.Options{Mark: marking(search)})
			if unmarked.Replace(got.HTML) != plain.HTML || got.Disguised != plain.Disguised {
				t.Errorf("%s in %q:\n%s\n%s", search, body, got.HTML, plain.HTML)
			}
			if again, err := html.Parse(strings.NewReader("<!doctype html><body>" + got.HTML)); err != nil || !strings.HasSuffix(render(t, again), "<body>"+got.HTML+"</body></html>") {
				t.Errorf("%s in %q parses to another tree than it was written from:\n%s", search, body, got.HTML)
			}
		}
	}
	long := sanitize.HTML("<p>"+strings.Repeat("a ", 100_000), sanitize.Options{Mark: marking("a")}).HTML
	if n := strings.Count(long, "<mark"); n != 1000 {
		t.Errorf("%d marks, want 1000", n)
	}
	broken := func(string) [][2]int { return [][2]int{{-1, 2}, {5, 900}, {0, 1}} }
	if got := sanitize.HTML("<p>abc", sanitize.Options{Mark: broken}).HTML; !strings.Contains(got, "abc") {
		t.Errorf("ranges outside the text: %s", got)
	}
}

func render(t *testing.T, n *html.Node) string {
	t.Helper()
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "/>", ">")
}
