package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/store"
)

func TestMailbox(t *testing.T) {
	p := newPortal(t)
	ann := p.as(p.ann)
	ann.get("/").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").want(t, 200).has(t, "No account yet", `href="/accounts/new"`)
	work := p.addAccount(p.ann, "work")
	ann.get("/mail/inbox").has(t, "Mail is on its way")
	ids := p.deliver(p.ann, work, mail("Lunch <b>today</b>?", "See you at noon."), mail("", "no subject"),
		mail("=?utf-8?q?Evil_=E2=80=AEgnp.exe?=", "x", "X-A: b"))
	page := ann.get("/mail/inbox").want(t, 200)
	page.has(t, `aria-label="Messages"`, "Lunch &lt;b&gt;today&lt;/b&gt;?", "(no subject)", "Lina Berg", "Lina Berg &lt;lina@example.net&gt;", "3 messages", `href="/messages/`+formatID(ids[0])+`"`)
	page.hasNot(t, "<b>today", "\u202e", `class="tag`)
	home := p.addAccount(p.ann, "home")
	p.deliver(p.ann, home, mail("From home", "hello"))
	ann.get("/mail/inbox").has(t, `class="tag`, "From home")
	ann.get("/mail/inbox?account="+formatID(home)).has(t, "From home", "Show all accounts").hasNot(t, "Lunch")
	for _, box := range boxes {
		ann.get("/mail/"+box.key).want(t, 200).has(t, "<h1>"+string(box.title)+"</h1>")
	}
}

// TestPaging walks to the end of a list and back.
func TestPaging(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	var raws []string
	for i := range 120 {
		raws = append(raws, mail(fmt.Sprintf("Number %03d", i), "x", fmt.Sprintf("Received: from a by b; Tue, 3 Nov 2026 %02d:%02d:00 +0000", i/60, i%60)))
	}
	p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	for list, of := range map[string][2]string{"/mail/inbox": {" · 120 messages", " of 120 conversations"}, "/mail/all?q=Number": {" of ", " of "}} { // how many a search finds may be counted apart
		path, seen, ranges := list, map[string]bool{}, []string{}
		for range 3 {
			a := ann.get(path).want(t, 200)
			for _, m := range regexp.MustCompile(`(?:Number</mark> |Number )(\d{3})`).FindAllStringSubmatch(a.body, -1) {
				seen[m[1]] = true
			}
			ranges = append(ranges, regexp.MustCompile(`\d+–\d+(`+of[0]+"|"+of[1]+")").FindString(a.body))
			if next := linkNamed(a, "Older"); next != "" {
				path = next
			}
		}
		if len(seen) != 120 || strings.Join(ranges, ", ") != "1–50"+of[0]+", 51–100"+of[0]+", 101–120"+of[1] {
			t.Errorf("%s: %d messages seen, ranges %q", list, len(seen), ranges)
		}
		a := ann.get(path)
		a = ann.get(linkNamed(a, "Newer")).has(t, "51–100"+of[0])
		a = ann.get(linkNamed(a, "Newer")).has(t, "1–50"+of[0], "Number")
		if linkNamed(a, "Newer") != "" || linkNamed(a, "Older") == "" {
			t.Errorf("%s: the first page leads to %q and %q", list, linkNamed(a, "Newer"), linkNamed(a, "Older"))
		}
	}
	ann.get("/mail/inbox?cursor=nonsense&at=-5&dir=x").want(t, 200).has(t, "Conversations 1–50 · 120 messages")
}

// linkNamed finds a link by its accessible name.
func linkNamed(a answer, name string) string {
	for _, tag := range regexp.MustCompile(`<a [^>]*>`).FindAllString(a.body, -1) {
		if strings.Contains(tag, `aria-label="`+name+`"`) {
			return strings.ReplaceAll(regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(tag)[1], "&amp;", "&")
		}
	}
	return ""
}

func TestSearch(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.deliver(p.ann, work, mail("=?utf-8?b?5YWz5LqO5ZCI5ZCM55qE6YKu5Lu2?=", "\u8bf7\u67e5\u6536\u5408\u540c\u3002", "Content-Type: text/plain; charset=utf-8"),
		mail("Invoice 2026/0042", "Please pay."), mail("Other", "Nothing to do with it."))
	ann := p.as(p.ann)
	ann.get("/mail/all?q="+url.QueryEscape("合同")).want(t, 200).has(t, "关于<mark>合同</mark>的邮件", "1 message", `value="合同"`, "Search results").hasNot(t, "Invoice")
	ann.get("/mail/all?q=invoice").has(t, "<mark>Invoice</mark> 2026/0042", "?list="+url.QueryEscape("/mail/all?q=invoice"))
	ann.get("/mail/all?q=from:lina+-invoice+-other").has(t, "1 message")
	ann.get("/mail/all?q=before:yesterdy").want(t, 200).has(t, "banner warn").hasNot(t, "Invoice 2026")
	ann.get("/mail/all?q=zzzz").has(t, "Nothing found", "not even in Trash or Junk")
	ann.get("/mail/all?q="+url.QueryEscape(`"><script>alert(1)</script> ' OR 1=1 -- * NEAR( ^ `)).want(t, 200).hasNot(t, "<script>alert")
	ann.get("/mail/all?q="+strings.Repeat("a+", 5000)).want(t, 200)
	ann.post("/messages/actions", "action", "delete", "id", formatID(ids[1])).want(t, 303)
	ann.get("/mail/all?q=invoice").has(t, "Nothing found")
	ann.get("/mail/trash?q=invoice").has(t, "<mark>Invoice</mark>")
	ann.get("/mail/all?q=in:anywhere+invoice").has(t, "<mark>Invoice</mark>", `<span class="mark">Trash</span>`)
}

func TestMessagePage(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	path := "/messages/" + formatID(w.parcel)
	a := ann.get(path).want(t, 200)
	a.has(t, `<h1 id="subject" dir="auto">Parcel / with: files</h1>`, "See attached.", "Lina Berg", "lina@example.net", "Tuesday, 3 November 2026", path+"/source", path+"/raw", path+"/attachments.zip",
		"page.html", "drawing.svg", "Mark read")
	a.hasNot(t, "<iframe", "/etc/")
	if back := linkNamed(a, "Back to Inbox"); back != "/mail/inbox#m"+formatID(w.parcel) {
		t.Errorf("back leads to %q", back)
	}
	a = ann.get(path + "?list=" + url.QueryEscape("/mail/all?q=parcel"))
	if back := linkNamed(a, "Back to Search results"); back != "/mail/all?q=parcel#m"+formatID(w.parcel) {
		t.Errorf("back to the search leads to %q", back)
	}
	for _, list := range []string{"//evil.example", "https://evil.example/mail/inbox", "/accounts", "/mail/nothing"} {
		if back := linkNamed(ann.get(path+"?list="+url.QueryEscape(list)), "Back to Inbox"); back != "/mail/inbox#m"+formatID(w.parcel) {
			t.Errorf("list %q: back leads to %q", list, back)
		}
	}
	ann.post("/messages/actions", "id", formatID(w.parcel), "action", "read").want(t, 303)
	ann.get(path).hasNot(t, "Mark read")
}

func TestHTMLMessage(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	path := "/messages/" + formatID(w.message)
	a := ann.get(path).want(t, 200)
	a.has(t, `<iframe class="body" sandbox="allow-popups allow-popups-to-escape-sandbox" title="Message body" src="`+path+`/body">`, "Held back: 1 image from 1 host.", "Load images", "fake.png")
	a.hasNot(t, "tracker.example.net", "alert(1)", "Always for", "logo.png")
	ann.get(path+"?view=text").want(t, 200).has(t, "Hello").hasNot(t, "<iframe")

	body := ann.get(path+"/body").want(t, 200)
	body.has(t, "Hello <b>Ann</b>", "data:image/png;base64,"+png)
	body.hasNot(t, "<script", "onclick", "tracker.example.net/a.gif\"", "svg", "<form", "<input", `href="/logout"`, "src=\"http", "cid:")
	ann.get("/messages/"+formatID(w.parcel)+"/body").want(t, 404)
}

// TestContentLocation: an image that came with the mail is found by its address too (RFC 2557), whole or relative, and
// nothing remote is then held back.
func TestContentLocation(t *testing.T) {
	p := newPortal(t)
	picture := func(location string) string {
		return "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: " + location + "\r\n\r\n" + png + "\r\n"
	}
	raw := mail("Places", "--b\r\nContent-Type: text/html\r\n\r\n"+`<img src="http://example.net/a.png"><img src="b.png">`+"\r\n"+
		picture("http://example.net/a.png")+picture("b.png")+"--b--\r\n", `Content-Type: multipart/related; boundary="b"`)
	path := messageURL(p.deliver(p.ann, p.addAccount(p.ann, "work"), raw)[0], "")
	ann := p.as(p.ann)
	ann.get(path).hasNot(t, "Held back")
	if n := strings.Count(ann.get(path+"/body").body, `src="data:image/png`); n != 2 {
		t.Errorf("%d of 2 images are shown", n)
	}
}

// TestInlineBound: the images of a mail go into its page only up to a bound, however often they are named.
func TestInlineBound(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	big := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", maxInline/2)
	parts := []string{"--b", "Content-Type: text/html", "", strings.Repeat(`<img src="cid:1"><img src="cid:2"><img src="cid:3">`, 20)}
	for i := 1; i <= 3; i++ {
		parts = append(parts, "--b", "Content-Type: image/png", "Content-Transfer-Encoding: binary", fmt.Sprintf("Content-ID: <%d>", i), "", big)
	}
	raw := mail("Big", strings.Join(append(parts, "--b--", ""), "\r\n"), `Content-Type: multipart/related; boundary="b"`)
	id := p.deliver(p.ann, work, raw)[0]
	path := "/messages/" + formatID(id)
	p.as(p.ann).get(path).want(t, 200)
	a := p.as(p.ann).get(path+"/body").want(t, 200).has(t, "data:image/png")
	if len(a.body) > 3*maxInline {
		t.Errorf("%d octets", len(a.body))
	}
	// Those that do not stand in it have signed addresses, as the frame has no cookie.
	link := proxied.FindStringSubmatch(a.body)
	if link == nil || !strings.Contains(a.Header.Get("Content-Security-Policy"), "/images/; ") {
		t.Fatalf("no way to the third image: %q, %q", link, a.Header.Get("Content-Security-Policy"))
	}
	img := p.browser().get(link[1]).want(t, 200)
	if img.body != big || img.Header.Get("Content-Type") != "image/png" || img.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("%d octets of %s", len(img.body), img.Header.Get("Content-Type"))
	}
	if got := img.Header.Get("Content-Security-Policy"); got != filePolicy {
		t.Errorf("policy %q", got)
	}
	for _, forged := range []string{
		p.server.imagePath(imageLink{p.bob.ID, id, p.clock.Now().Add(time.Hour).Unix(), partURL + "2"}), // another's message
		p.server.imagePath(imageLink{p.ann.ID, id, p.clock.Now().Add(time.Hour).Unix(), partURL + "1"}), // its HTML
		p.server.imagePath(imageLink{p.ann.ID, id, p.clock.Now().Add(time.Hour).Unix(), partURL + "9"}), // no part of it
		link[1][:len(link[1])-2] + "AA",
	} {
		p.browser().get(forged).want(t, 404)
	}
	p.clock.pass(imageLinkTime + time.Minute)
	p.browser().get(link[1]).want(t, 404)
}

func TestRawAndSource(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	raw := mail("Octets: \"a/b\\c\"\u00e9", "NUL \x00, bare \r and \n, 8-bit \xff\xfe, dots\r\n..\r\n.\r\n") + strings.Repeat("0123456789abcdef", 30000)
	id := p.deliver(p.ann, work, raw)[0]
	ann := p.as(p.ann)
	path := "/messages/" + formatID(id)
	a := ann.get(path+"/raw").want(t, 200)
	if a.body != raw {
		t.Errorf("%d octets, want %d, or others", len(a.body), len(raw))
	}
	if a.Header.Get("Content-Type") != "message/rfc822" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment; filename") || !strings.Contains(a.Header.Get("Content-Disposition"), ".eml") {
		t.Errorf("%q, %q", a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
	}
	ann.header.Set("Range", "bytes=10-19")
	if a := ann.get(path+"/raw").want(t, http.StatusPartialContent); a.body != raw[10:20] {
		t.Errorf("a range is %q", a.body)
	}
	ann.header.Del("Range")
	ann.get(path+"/source").want(t, 200).has(t, "NUL ␀", "Lina Berg &lt;lina@example.net&gt;", "\uFFFD").hasNot(t, "\x00")
}

// TestParts: what a part is served as goes by its content, whatever it is called.
func TestParts(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	m, err := w.store.Message(t.Context(), w.ann.ID, w.parcel)
	w.must(err)
	const download = "application/octet-stream"
	want := []struct{ path, mediaType, disposition string }{
		{"1", "text/plain; charset=utf-8", "inline"},
		{"2", download, "attachment; filename=page.html"},
		{"3", download, "attachment; filename=drawing.svg"},
		{"4", download, "attachment; filename=notapicture.png"},
		{"5", "image/png", "inline; filename=picture.html"},
		{"6", "text/plain; charset=utf-8", "inline; filename=notes.txt"},
		{"7", download, "attachment; filename=evil"},
		{"8", download, "attachment; filename*=utf-8''%E5%A0%B1%E5%91%8A%20%20X-Evil_1fdp.pdf"},
		{"9", download, "attachment; filename=NOTES.txt"},
	}
	for _, c := range want {
		a := ann.get("/messages/"+formatID(w.parcel)+"/parts/"+c.path).want(t, 200)
		got := a.Header.Get("Content-Disposition")
		if a.Header.Get("Content-Type") != c.mediaType || !strings.HasPrefix(got, c.disposition) {
			t.Errorf("part %s (%s): %q, %q; want %q, %q", c.path, m.Structure.Find(c.path).Type, a.Header.Get("Content-Type"), got, c.mediaType, c.disposition)
		}
		if len(a.Header["X-Evil"]) > 0 || strings.ContainsAny(got, "\r\n\u202e") {
			t.Errorf("part %s: a header was smuggled in: %q", c.path, a.Header)
		}
	}
}

func TestZip(t *testing.T) {
	w := newWorld(t)
	a := w.as(w.ann).get("/messages/"+formatID(w.parcel)+"/attachments.zip").want(t, 200)
	z, err := zip.NewReader(bytes.NewReader([]byte(a.body)), int64(len(a.body)))
	w.must(err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		w.must(err)
		data, err := io.ReadAll(r)
		w.must(err)
		if f.Name == "picture.html" && !bytes.HasPrefix(data, []byte("\x89PNG")) {
			t.Errorf("%s holds %q", f.Name, data)
		}
	}
	if got := strings.Join(names, " "); got != "page.html drawing.svg notapicture.png picture.html notes.txt evil 報告  X-Evil_1fdp.pdf NOTES (2).txt" {
		t.Errorf("names: %s", got)
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": "passwd", `C:\Users\ann\a.txt`: "a.txt", "..": "unnamed", "": "unnamed", ".bashrc": "bashrc",
		"a\r\nb": "ab", "con": "_con", "NUL.txt": "_NUL.txt", "lpt1.tar.gz": "_lpt1.tar.gz", "console.log": "console.log", "x\u202efdp.exe": "xfdp.exe",
		`a"b;c.txt`: "a_b_c.txt", "-rf": "rf", "a.txt. . ": "a.txt", "\xff.txt": "_.txt", "报告 2026.pdf": "报告 2026.pdf", "/": "unnamed", "$(x)`y`": "_(x)_y_",
	} {
		if got := safeName(in); got != want {
			t.Errorf("safeName(%q) = %q, want %q", in, got, want)
		}
	}
	if long := safeName(strings.Repeat("长", 200) + ".pdf"); len(long) > maxName || !strings.HasSuffix(long, "长.pdf") {
		t.Errorf("a long name is %q (%d)", long, len(long))
	}
}

func TestEmlName(t *testing.T) {
	for subject, want := range map[string]string{
		"Lunch": "Lunch.eml", "": "message.eml", "Invoice 2026/0042": "Invoice 2026-0042.eml", "..": "unnamed.eml", "a\r\nb": "ab.eml", "Re: x": "Re_ x.eml",
	} {
		if got := emlName(subject); got != want {
			t.Errorf("emlName(%q) = %q, want %q", subject, got, want)
		}
	}
	if long := emlName(strings.Repeat("长", 200)); len(long) > maxName || !strings.HasSuffix(long, ".eml") {
		t.Errorf("a long name is %q", long)
	}
}

// TestLongText: a page shows the beginning of a very long text and says so.
func TestLongText(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	id := p.deliver(p.ann, work, mail("Long", strings.Repeat("All work and no play.\r\n", maxText/20)))[0]
	a := p.as(p.ann).get("/messages/"+formatID(id)).want(t, 200).has(t, "Cut after 1.0 MB")
	if len(a.body) > 2*maxText {
		t.Errorf("the page has %d octets", len(a.body))
	}
}

func FuzzSafeName(f *testing.F) {
	f.Add("../a\\b/c\x00.txt")
	f.Add("CON. ")
	f.Fuzz(func(t *testing.T, in string) {
		name := safeName(in)
		if name == "" || len(name) > maxName+1 || strings.ContainsAny(name, "/\\\x00\r\n\"") || strings.HasPrefix(name, ".") || strings.Trim(name, ". ") != name {
			t.Errorf("safeName(%q) = %q", in, name)
		}
	})
}

// action posts an action and returns the token that the next page offers for undoing it.
func (b *browser) action(pairs ...string) (undo string) {
	b.tb.Helper()
	a := b.post("/messages/actions", pairs...).want(b.tb, http.StatusSeeOther)
	page := b.get(a.Header.Get("Location")).want(b.tb, 200)
	if m := regexp.MustCompile(`name="token" value="([A-Z0-9]+)"`).FindStringSubmatch(page.body); m != nil {
		return m[1]
	}
	return ""
}

func TestDeleteAndUndo(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	id := formatID(w.message)
	a := ann.post("/messages/actions", "id", id, "action", "delete", "return", "/mail/inbox?account="+formatID(w.account)).leads(t, "/mail/inbox?account="+formatID(w.account))
	page := ann.get(a.Header.Get("Location")).has(t, "1 message moved to Trash.", ">Undo</button>").hasNot(t, "Newsletter")
	token := regexp.MustCompile(`name="token" value="([A-Z0-9]+)"`).FindStringSubmatch(page.body)[1]
	ann.get("/mail/inbox").hasNot(t, "moved to Trash")
	ann.get("/mail/trash").has(t, "Newsletter", "pending", "Empty Trash")
	ann.get("/messages/"+id).has(t, "Will be deleted on mx7.example.com with the next check", "Cancel deletion", "Restore")
	ann.get("/deletions").has(t, "2 waiting.", "Newsletter")

	bob := w.as(w.bob)
	bob.post("/undo", "token", token).want(t, 303)
	bob.get("/mail/inbox").has(t, "can no longer be undone")
	ann.post("/undo", "token", token, "return", "/mail/inbox").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "Newsletter", "Undone: 1 message moved to Trash.")
	ann.get("/messages/"+id).hasNot(t, "Will be deleted")
	ann.post("/undo", "token", token).leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "can no longer be undone")
}

// TestUndoTooLate undoes a deletion that a session has claimed.
func TestUndoTooLate(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	token := ann.action("id", formatID(w.message), "action", "delete")
	w.clock.pass(store.UndoWindow + 1)
	ledger, err := w.store.OpenDeletions(t.Context(), w.ann.ID, w.account)
	w.must(err)
	var ids []store.DeletionID
	for _, d := range ledger {
		ids = append(ids, d.ID)
	}
	claimed, err := w.store.ClaimDeletions(t.Context(), w.portal.account(w.ann, w.account), ids)
	w.must(err)
	if len(claimed) != 2 {
		t.Fatalf("%d claimed", len(claimed))
	}
	ann.post("/undo", "token", token).want(t, 303)
	ann.get("/mail/inbox").has(t, "Newsletter", "Too late for 1 deletion on the server", "your copy stays")
	ann.post("/deletions/"+formatID(w.deletion)+"/cancel").leads(t, "/deletions")
	ann.get("/deletions").has(t, "Too late: the deletion is already on its way; your copy stays here.", "sending").hasNot(t, ">Cancel deletion<")
}

func TestActions(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	id := formatID(w.message)
	for _, c := range []struct{ action, mailbox string }{
		{"archive", "archive"}, {"inbox", "inbox"}, {"junk", "junk"}, {"not-junk", "inbox"}, {"delete", "trash"}, {"restore", "inbox"},
	} {
		ann.post("/messages/actions", "id", id, "action", c.action).leads(t, "/mail/inbox")
		ann.get("/mail/"+c.mailbox).has(t, "Newsletter")
	}
	ann.post("/messages/actions", "id", id, "action", "star").want(t, 303)
	ann.get("/mail/starred").has(t, "Newsletter", "Remove star")
	ann.header.Set("Accept", "application/json")
	a := ann.post("/messages/actions", "id", id, "id", formatID(w.parcel), "action", "read").want(t, 200)
	if !regexp.MustCompile(`^\{"count":2,"undo":"[A-Z0-9]+"\}$`).MatchString(a.body) {
		t.Errorf("as JSON: %s", a.body)
	}
	ann.post("/messages/actions", "id", "999", "action", "read").want(t, 200).has(t, `"count":0`)
	ann.post("/messages/actions", "id", "x", "action", "read").want(t, 404).has(t, `"error"`)
	ann.post("/messages/actions", "id", id, "action", "explode").want(t, 422)
	ann.header.Del("Accept")
	ann.post("/messages/actions", "action", "delete").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "No message was selected.")
	ann.post("/messages/actions", "action", "delete", "id", id, "return", "//evil.example/").leads(t, "/mail/inbox")
	if a := w.as(w.bob).post("/messages/actions", "action", "restore", "id", id); a.StatusCode != 303 {
		t.Errorf("status %d", a.StatusCode)
	}
	ann.get("/mail/trash").has(t, "Newsletter")
}

func TestPurge(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	trash := ann.get("/mail/trash").has(t, "Empty Trash", "Old")
	bound := regexp.MustCompile(`name="bound" value="(\d+)"`).FindStringSubmatch(trash.body)[1]
	all := []string{"all", "1", "q", "", "bound", bound, "mailbox", "trash", "action", "purge", "return", "/mail/trash"}
	late := w.deliver(w.ann, w.account, mail("Late", "after the list was shown"))[0]
	ann.action("id", formatID(late), "action", "delete")
	asked := ann.post("/messages/actions", all...).want(t, 200).has(t, "Delete for good 1 message?", "cannot be undone", `name="confirm" value="1"`, `name="bound" value="`+bound+`"`)
	asked.has(t, `href="/mail/trash"`)
	ann.get("/mail/trash").has(t, "Old", "Late")
	ann.post("/messages/actions", append(all, "confirm", "1")...).leads(t, "/mail/trash")
	ann.get("/mail/trash").has(t, "1 message deleted for good.", "Late").hasNot(t, ">Old<", ">Undo</button>")
	ann.post("/messages/actions", "id", formatID(late), "action", "purge").want(t, 200).has(t, "Delete for good 1 message?")
	ann.post("/messages/actions", "id", formatID(late), "action", "purge", "confirm", "1").want(t, 303)
	ann.get("/messages/"+formatID(late)).want(t, 404)
	ann.post("/messages/actions", "all", "1", "mailbox", "trash", "action", "purge", "confirm", "1").want(t, 422) // without a bound
	ann.post("/messages/actions", "all", "1", "mailbox", "nothing", "bound", bound, "action", "purge", "confirm", "1").want(t, 422)
}

// TestWholeSearch acts on all that a search finds, and on no more.
func TestWholeSearch(t *testing.T) {
	p := newPortal(t)
	work, home := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "home")
	var raws []string
	for i := range 60 {
		raws = append(raws, mail(fmt.Sprintf("Offer %d", i), "buy"))
	}
	p.deliver(p.ann, work, append(raws, mail("Letter", "dear Ann"))...)
	p.deliver(p.ann, home, mail("Offer at home", "buy"))
	ann := p.as(p.ann)
	page := ann.get("/mail/inbox?q=offer&count=all&account="+formatID(work)).has(t, "Select all 60 messages in this search", "Junk all", `name="account" value="`+formatID(work)+`"`)
	bound := regexp.MustCompile(`name="bound" value="(\d+)"`).FindStringSubmatch(page.body)[1]
	form := []string{"all", "1", "q", "offer", "account", formatID(work), "bound", bound, "mailbox", "inbox", "action", "archive", "return", "/mail/inbox"}
	ann.post("/messages/actions", form...).want(t, 200).has(t, "Archive 60 messages?", "The search is: offer", "Mail that arrives from now on is not touched.")
	ann.post("/messages/actions", append(form, "confirm", "1")...).leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, "60 messages archived.", "Letter", "Offer at home", "2 messages")
	ann.get("/mail/all?q=offer").has(t, `value="junk"`)
	ann.get("/mail/archive").has(t, `value="junk"`)
}

func TestCancelDeletions(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.post("/deletions/"+formatID(w.deletion)+"/cancel", "return", "/mail/trash").leads(t, "/mail/trash")
	ann.get("/mail/trash").has(t, "Cancelled: the message stays on its server.").hasNot(t, ">pending<")
	ann.post("/deletions/"+formatID(w.deletion)+"/cancel").want(t, 404)
	ann.action("id", formatID(w.message), "id", formatID(w.parcel), "action", "delete")
	ann.get("/deletions").has(t, "2 waiting, 1 cancelled.", "Cancel 2 waiting", "Next check")
	ann.post("/deletions/cancel", "account", formatID(w.account)).leads(t, "/deletions")
	ann.get("/deletions").has(t, "2 deletions were cancelled.", "3 cancelled.").hasNot(t, ">Cancel deletion<")
}
