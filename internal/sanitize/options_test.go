package sanitize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCID(t *testing.T) {
	var asked []string
	opt := Options{CID: func(id string) string {
		asked = append(asked, id)
		switch id {
		case "logo@example.com", "https://example.com/part.png", "part.png":
			return `/parts/1?a="b"&c`
		}
		return ""
	}}
	got := HTML(`<img src="cid:logo%40example.com"><img src="CID:&lt;logo@example.com&gt;"><img src="cid:other">`+
		`<img src="https://example.com/part.png"><img src="part.png"><img src="/logout"><a href="cid:logo@example.com">x</a>`, opt)
	want := []string{"logo@example.com", "logo@example.com", "other", "https://example.com/part.png", "part.png", "/logout"}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	const src = `<img src="/parts/1?a=&#34;b&#34;&amp;c">`
	if want := open + src + src + "<img>" + src + src + "<img><a>x</a>" + end; got.HTML != want {
		t.Errorf("\n got %s\nwant %s", got.HTML, want)
	}
	if len(got.Remote) != 0 {
		t.Errorf("parts of the message are no remote images: %q", got.Remote)
	}
}

const remoteMail = `<img src="http://a.example/1.png" width=10 height=10><img src="//b.example/2.png?x=1&amp;y=2">` +
	`<img src="http://a.example/1.png"><img src="https://t.example/o.gif" width=1 height="1">` +
	`<img src="https://t.example/p.gif" style="width:1px;height:1px"><img src="https://t.example/q.gif" style="display:none" height=0>`

func TestRemoteHeldBack(t *testing.T) {
	got := HTML(remoteMail, Options{})
	remote := []string{"http://a.example/1.png", "https://b.example/2.png?x=1&y=2",
		"https://t.example/o.gif", "https://t.example/p.gif", "https://t.example/q.gif"}
	if !slices.Equal(got.Remote, remote) {
		t.Errorf("remote %q", got.Remote)
	}
	if !slices.Equal(got.Trackers, remote[2:]) {
		t.Errorf("trackers %q", got.Trackers)
	}
	if strings.Contains(got.HTML, ".example") || strings.Contains(got.HTML, "src=") {
		t.Errorf("a source is left: %s", got.HTML)
	}
	if n := strings.Count(got.HTML, Held); n != 6 {
		t.Errorf("%d of 6 marked as held back", n)
	}
}

func TestRemoteLoaded(t *testing.T) {
	opt := Options{LoadRemote: func(u string) string {
		if strings.Contains(u, "t.example") {
			t.Errorf("asked to load the tracker %s", u)
		}
		if strings.Contains(u, "b.example") {
			return ""
		}
		return "/proxy?u=" + u
	}}
	got := HTML(remoteMail, opt)
	if len(got.Remote) != 5 || len(got.Trackers) != 3 {
		t.Errorf("remote %q, trackers %q", got.Remote, got.Trackers)
	}
	proxied := func(src string) bool { return src == "/proxy?u=http://a.example/1.png" }
	if why := inert(got.HTML, proxied); why != "" {
		t.Error(why)
	}
	if n := strings.Count(got.HTML, "/proxy?u="); n != 2 {
		t.Errorf("%d of 2 loaded: %s", n, got.HTML)
	}
}

const backgrounds = `<style>.a{background:url(https://h.example/sheet.png)}@media(max-width:9px){.a{background-image:image-set("//h.example/set.png" 1x)}}</style>` +
	`<body background=https://h.example/body.png><table background="https://h.example/table.png" style="color:red"><td background="javascript:alert(1)">x</table>` +
	`<p style="background:#fff url('https://h.example/p.png') no-repeat">y<p style='background-image:url(  "http://h.example/q.png?a=1&amp;b=)\27"  )'>z` +
	`<p style="background:url(https://google-analytics.com/collect)">t<p style="background:url(/logout)">u<p style="list-style-image:url(cid:dot)">v`

func TestBackgroundsHeldBack(t *testing.T) {
	got := HTML(backgrounds, Options{})
	want := []string{"https://h.example/sheet.png", "https://h.example/set.png", "https://h.example/body.png", "https://h.example/table.png",
		"https://h.example/p.png", "http://h.example/q.png?a=1&b=)%27", "https://google-analytics.com/collect"}
	if !slices.Equal(got.Remote, want) {
		t.Errorf("remote\n got %q\nwant %q", got.Remote, want)
	}
	if !slices.Equal(got.Trackers, want[6:]) {
		t.Errorf("trackers %q", got.Trackers)
	}
	if why := inert(got.HTML, nil); why != "" {
		t.Error(why)
	}
}

func TestBackgroundsLoaded(t *testing.T) {
	n := 0
	got := HTML(backgrounds, Options{
		LoadRemote: func(u string) string { n++; return fmt.Sprintf("/images/%d_-", n) },
		CID:        func(id string) string { return map[string]string{"dot": "data:image/gif;base64,R0lGODlh+/="}[id] },
	})
	want := `<style>.mail-view .pm-a{background:none}@media (max-width:9px){.mail-view .pm-a{background-image:none}}</style>` +
		`<div class="mail-view" style="background-image:url(&#39;\2f images\2f 1_-&#39;)">` +
		`<table style="background-image:url(&#39;\2f images\2f 2_-&#39;);color:red"><tbody><tr><td>x</td></tr></tbody></table>` +
		`<p style="background:#fff url(&#39;\2f images\2f 3_-&#39;) no-repeat">y</p><p style="background-image:url(&#39;\2f images\2f 4_-&#39;)">z</p>` +
		`<p style="background:none">t</p><p style="background:none">u</p><p style="list-style-image:url(&#39;data:image\2f gif;base64,R0lGODlh+\2f =&#39;)">v</p></div>`
	if got.HTML != want {
		t.Errorf("\n got %s\nwant %s", got.HTML, want)
	}
	if !got.Painted {
		t.Error("a mail with a background is said to have none")
	}
}

// TestBackgroundsCounted: an enclosed image that stands in a thousand places is asked for a thousand times, so that
// whoever gives it out can count, and one on what nobody can see is a tracker.
func TestBackgroundsCounted(t *testing.T) {
	n := 0
	HTML(strings.Repeat(`<p style="background:url(cid:a)">x`, 1000), Options{CID: func(string) string { n++; return "data:image/gif;base64,R0lGODlh" }})
	if n != 1000 {
		t.Errorf("asked %d times", n)
	}
	for _, html := range []string{
		`<div style="background: url(//h.example/a.png); width: 1px; height: 1px">`,
		`<table><td width=1 height=1 style="background: url(//h.example/a.png)">`,
		`<table><td width=1 height=1 background="//h.example/a.png">`,
	} {
		got := HTML(html, Options{LoadRemote: func(string) string { return "/loaded" }})
		if len(got.Trackers) != 1 || strings.Contains(got.HTML, "loaded") {
			t.Errorf("%s: trackers %q, %s", html, got.Trackers, got.HTML)
		}
	}
}

func TestDataImagesBounded(t *testing.T) {
	img := `<img src="data:image/gif;base64,R0lGODlh` + strings.Repeat("AAAA", maxDataImage/4-2) + `">`
	if got := HTML(strings.Repeat(img, 2), Options{}).HTML; strings.Count(got, "src=") != 2 {
		t.Error("two images within the bound are not shown")
	}
	img = strings.Replace(img, "R0lG", "R0lGODlhAAAAAAAA", 1)
	img = strings.Replace(img, "AAAA", strings.Repeat("AAAA", maxDataImage/16), 1)
	if got := HTML(img, Options{}).HTML; strings.Contains(got, "src=") {
		t.Error("an image over the bound is shown")
	}
}

func TestQuirksLengths(t *testing.T) {
	const mail = `<p style="width:600;margin:0 10;line-height:2;font-size:14;order:3">x</p>`
	got := HTML(mail, Options{}).HTML
	if want := open + `<p data-mail-wide="600" style="width:600px;margin:0 10px;line-height:2;font-size:14px;order:3">x</p>` + end; got != want {
		t.Errorf("quirks mode\n got %s\nwant %s", got, want)
	}
	got = HTML(noQuirks+mail, Options{}).HTML
	if want := open + `<p style="line-height:2;order:3">x</p>` + end; got != want {
		t.Errorf("no-quirks mode\n got %s\nwant %s", got, want)
	}
}

func TestQuirksColours(t *testing.T) {
	const mail = `<p style="color:003399;background-color:FFF;border-color:6600cc f00">x<p style="color:1234567">y<p style="background:ff0000;width:123">z`
	got := HTML(mail, Options{}).HTML
	if want := open + `<p style="color:#003399;background-color:#FFF;border-color:#6600cc #f00">x</p><p>y</p><p style="width:123px">z</p>` + end; got != want {
		t.Errorf("quirks mode\n got %s\nwant %s", got, want)
	}
	if got = HTML(noQuirks+mail, Options{}).HTML; strings.Contains(got, "003399") {
		t.Errorf("no-quirks mode: %s", got)
	}
}

func TestDark(t *testing.T) {
	for src, want := range map[string]bool{
		`<style>@media (prefers-color-scheme: dark){p{color:#fff}}</style>`: true,
		`<style>:root{color-scheme:light dark}</style>`:                     true,
		`<meta name="color-scheme" content="light, dark">`:                  true,
		`<body style="color-scheme:dark">`:                                  true,
		`<style>@media (prefers-color-scheme: dark){}</style>`:              false,
		`<style>@media (prefers-color-scheme: light){p{color:red}}</style>`: false,
		`<style>:root{color-scheme:light}</style><p>dark</p>`:               false,
	} {
		if got := HTML(src, Options{}).Dark; got != want {
			t.Errorf("%s: %v", src, got)
		}
	}
}

func TestFallback(t *testing.T) {
	for name, src := range map[string]string{
		"too deep":    strings.Repeat("<div>", 600) + "<script>alert(1)</script>one &lt;two<p>three",
		"deep enough": strings.Repeat("<span>", 490) + "one &lt;two<p>three",
		"too many":    strings.Repeat("<br>", maxNodes+1) + "one &lt;two<p>three",
		"too large":   "one &lt;two<p>three" + strings.Repeat("<!-- -->", maxInput/8),
	} {
		t.Run(name, func(t *testing.T) {
			got := HTML(src, Options{})
			if len(got.Notes) == 0 {
				t.Error("no note")
			}
			text := strings.Join(strings.Fields(got.HTML), " ")
			if !strings.HasSuffix(text, "one &lt;two three </div>") && !strings.HasSuffix(text, "one &lt;two three</div>") {
				t.Errorf("text is %.200s", text[max(0, len(text)-200):])
			}
			if why := inert(got.HTML, nil); why != "" {
				t.Error(why)
			}
			if again := HTML(got.HTML, Options{}); again.HTML != got.HTML {
				t.Error("not a fixpoint")
			}
		})
	}
}

// TestUnclosedFormatting: a mail that leaves hundreds of elements open keeps
// its words and its looks without the parser's reopening.
func TestUnclosedFormatting(t *testing.T) {
	src := strings.Repeat("<p><b><font color=red>word", 200) + strings.Repeat("<p>more", 20000)
	got := HTML(src, Options{})
	if len(got.Notes) > 0 || strings.Count(got.HTML, "word") != 200 || !strings.Contains(got.HTML, `<font color="red">`) {
		t.Errorf("%v %.300s", got.Notes, got.HTML)
	}
	if len(got.HTML) > 2*len(src) {
		t.Errorf("%d octets from %d", len(got.HTML), len(src))
	}
}

func TestInvalidUTF8(t *testing.T) {
	got := HTML("<p title='a\xffb'>c\xc0\xafd", Options{}).HTML
	if want := open + "<p title=\"a\uFFFDb\">c\uFFFDd</p>" + end; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTables(t *testing.T) {
	for name, e := range elements {
		out := name
		if e.as != "" {
			out = e.as
		}
		if e.fate == keep && !inertElements[out] {
			t.Errorf("element %s is kept", name)
		}
	}
	for name := range attributes {
		if !inertAttributes[name] || strings.HasPrefix(name, "on") {
			t.Errorf("attribute %s is kept", name)
		}
	}
	for name, p := range properties {
		if p.types == 0 || name != lowerASCII(name) {
			t.Errorf("property %s has no types", name)
		}
		if cssOverlay.MatchString(name + ":x") {
			t.Errorf("property %s moves content", name)
		}
	}
}

// TestTableColour: tables of a mail in quirks mode have the colour of its body, not of what they stand in, as in browsers.
func TestTableColour(t *testing.T) {
	for _, c := range []struct{ html, sheet string }{
		{`<body text=navy><font color=white><table><td>x`, `<style>.mail-view :where(table){color:navy}</style>`},
		{`<body text=navy style="color:#123"><table><td>x`, `<style>.mail-view :where(table){color:#123}</style>`},
		{`<style>body{color:red}</style><table><td>x`, `<style>.mail-view :where(table){color:red}.mail-view{color:red}</style>`},
		{`<font color=white><table><td>x`, ``},
		{`<!doctype html><body text=navy><table><td>x`, ``},
	} {
		got := HTML(c.html, Options{})
		if sheet, _, _ := strings.Cut(got.HTML, "<div"); sheet != c.sheet {
			t.Errorf("%s: %s", c.html, got.HTML)
		}
		if again := HTML(got.Doctype+got.HTML, Options{}); again.HTML != got.HTML {
			t.Errorf("%s again: %s", got.HTML, again.HTML)
		}
	}
}

// TestFoldQuote: what a mail quotes at its end is folded, and nothing else changed.
func TestFoldQuote(t *testing.T) {
	const from, to = `<details class="mail-quoted"><summary title="&#34;Quoted&#34;">…</summary>`, "</details>"
	for mail, want := range map[string]string{
		`<p>Yes.</p><blockquote type="cite">No?</blockquote>`:                                   `<p>Yes.</p>` + from + `<blockquote type="cite">No?</blockquote>` + to,
		`<p>Yes.</p><blockquote type="CITE">No?</blockquote><br> <p></p>`:                       `<p>Yes.</p>` + from + `<blockquote type="cite">No?</blockquote>` + to + `<br> <p></p>`,
		`<div>Yes.<div class="gmail_quote">Ann wrote: <blockquote>No?</blockquote></div></div>`: `<div>Yes.` + from + `<div class="pm-gmail_quote">Ann wrote: <blockquote>No?</blockquote></div>` + to + `</div>`,
		`<div>Yes.</div><div><blockquote type="cite">No?</blockquote></div>`:                    `<div>Yes.</div><div>` + from + `<blockquote type="cite">No?</blockquote>` + to + `</div>`,
		`<blockquote type="cite">No?</blockquote><p>Yes.</p>`:                                   "", // the answer stands below
		`<blockquote type="cite">No?</blockquote>`:                                              "", // there is nothing else
		`<p>Yes.</p><blockquote>No?</blockquote>`:                                               "", // a quotation of the writer's own choice
		`<p>Yes.</p><blockquote type="cite">No?</blockquote><img src="cid:x">`:                  "",
	} {
		plain := HTML(mail, Options{})
		if strings.Contains(plain.HTML, "details") {
			t.Errorf("%s: folded without being asked: %s", mail, plain.HTML)
		}
		got := HTML(mail, Options{FoldQuote: `"Quoted"`}).HTML
		if want = open + want + end; want == open+end {
			want = plain.HTML
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", mail, got, want)
		}
		if bare := strings.NewReplacer(from, "", to, "").Replace(got); bare != plain.HTML {
			t.Errorf("%s: folding changed the rest: %s", mail, bare)
		}
	}
}
