package templates_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"postern/internal/i18n"
	"postern/templates"
)

// everyPage runs f on each of the sample pages.
func everyPage(t *testing.T, f func(t *testing.T, p page)) {
	t.Helper()
	for name, c := range samples() {
		t.Run(name, func(t *testing.T) { f(t, render(t, c)) })
	}
}

// The content security policy of the portal refuses inline script and style: a page that has some is a broken page.
func TestNothingInline(t *testing.T) {
	everyPage(t, func(t *testing.T, p page) {
		for _, n := range p.all(func(*html.Node) bool { return true }) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
				}
			}
			if n.Data == "style" || n.Data == "script" && (words(n) != "" || attr(n, "src") == "") {
				t.Errorf("inline <%s>", n.Data)
			}
		}
	})
}

func TestEveryPathHasTheBase(t *testing.T) {
	everyPage(t, func(t *testing.T, p page) {
		for _, n := range p.all(func(*html.Node) bool { return true }) {
			for _, key := range []string{"href", "src", "action", "formaction"} {
				if v := attr(n, key); strings.HasPrefix(v, "/") && !strings.HasPrefix(v, "/base/") {
					t.Errorf("<%s %s=%q> leads away from the base path", n.Data, key, v)
				}
			}
		}
		if got := attr(p.tags("html")[0], "data-base"); got != "/base" {
			t.Errorf("the script is told the base path %q", got)
		}
	})
}

func TestOutlineAndReferences(t *testing.T) {
	everyPage(t, func(t *testing.T, p page) {
		if n := len(p.tags("h1")); n != 1 {
			t.Errorf("%d headings of level 1, want 1", n)
		}
		if n := len(p.tags("main")); n != 1 {
			t.Errorf("%d main elements, want 1", n)
		}
		seen := map[string]bool{}
		for _, n := range p.all(func(n *html.Node) bool { return has(n, "id") }) {
			if id := attr(n, "id"); seen[id] {
				t.Errorf("two elements have the id %q", id)
			} else {
				seen[id] = true
			}
		}
		for _, n := range p.all(func(*html.Node) bool { return true }) {
			for _, key := range []string{"for", "form", "aria-labelledby", "aria-describedby", "popovertarget"} {
				for id := range strings.FieldsSeq(attr(n, key)) {
					if !seen[id] {
						t.Errorf("<%s %s=%q> refers to nothing", n.Data, key, id)
					}
				}
			}
		}
	})
}

func TestEverythingHasAName(t *testing.T) {
	everyPage(t, func(t *testing.T, p page) {
		for _, n := range p.all(func(n *html.Node) bool { return role(n) != "" && role(n) != "list" && !has(n, "hidden") }) {
			if p.name(n) == "" {
				t.Errorf("a %s without a name: %v", role(n), n.Attr)
			}
		}
	})
}

// No change of state by GET: what has an action to take is posted, and only searching and looking are asked for.
func TestFormsArePosted(t *testing.T) {
	everyPage(t, func(t *testing.T, p page) {
		for _, f := range p.tags("form") {
			if attr(f, "method") == "post" || attr(f, "role") == "search" || strings.Contains(attr(f, "class"), "looking") {
				continue
			}
			t.Errorf("a form to %q is not posted", attr(f, "action"))
		}
	})
}

func TestIconsExist(t *testing.T) {
	sprite, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	everyPage(t, func(t *testing.T, p page) {
		for _, u := range p.tags("use") {
			_, name, _ := strings.Cut(attr(u, "href"), "#")
			if !strings.Contains(string(sprite), `<symbol id="`+name+`"`) {
				t.Errorf("the sprite has no %q", name)
			}
		}
	})
}

// What people, scripts and tests find the parts of the pages by. These names are kept.
func TestNames(t *testing.T) {
	for _, c := range []struct{ page, role, name string }{
		{"setup", "textbox", "User name"}, {"setup", "textbox", "Password"}, {"setup", "textbox", "Repeat password"}, {"setup", "button", "Create owner"},
		{"login", "textbox", "User name"}, {"login", "textbox", "Password"}, {"login", "button", "Sign in"},
		{"inbox", "searchbox", "Search mail"}, {"inbox", "list", "Messages"}, {"inbox", "button", "Delete"}, {"inbox", "button", "Archive"},
		{"inbox", "button", "Undo"}, {"inbox", "button", "Check now"}, {"inbox", "button", "Sign out"}, {"inbox", "link", "周五的会议改到下午三点"},
		{"search", "link", "周五的会议改到下午三点"}, {"search", "button", "Delete"},
		{"trash", "button", "Restore"}, {"trash", "button", "Delete for good"}, {"trash", "button", "Empty Trash"},
		{"message", "button", "Delete"}, {"message", "button", "Archive"}, {"message", "button", "Cancel deletion"}, {"message", "button", "Mark unread"},
		{"message", "button", "Unstar"}, {"message", "link", "Source"}, {"message", "link", "Download .eml"}, {"message", "button", "HTML"}, {"message", "button", "Text"},
		{"conversation", "link", "王小明 大家好,会议记录请尽快发给大家 2 Nov"}, {"conversation", "frame", "Message body"}, {"conversation", "link", "Unfold all"},
		{"message-html", "frame", "Message body"}, {"message-html", "button", "Load images"}, {"message-html", "button", "Star"},
		{"account-form", "textbox", "E-mail address"}, {"account-form", "textbox", "Account name"}, {"account-form", "textbox", "Server"},
		{"account-form", "combobox", "Security"}, {"account-form", "textbox", "Port"}, {"account-form", "textbox", "User name"},
		{"account-form", "textbox", "Password"}, {"account-form", "radiogroup", "On the server"}, {"account-form", "radio", "Delete when I delete"},
		{"account-form", "radio", "Keep"}, {"account-form", "radio", "Delete after"}, {"account-form", "radio", "Delete after download"},
		{"account-form", "textbox", "Mail older than days arrives as read"}, {"account-form", "textbox", "Check every minutes"},
		{"account-form", "button", "Test connection"}, {"account-form", "button", "Save account"},
		{"account", "button", "Check now"}, {"account", "button", "Stop"}, {"account", "link", "Edit"}, {"account", "list", "Recent sessions"},
		{"account-remove", "radio", "Keep it here"}, {"account-remove", "radio", "Delete it here for good"}, {"account-remove", "button", "Remove account"},
		{"syncs", "list", "Sessions"}, {"syncs", "link", "3 new, 1 deleted on the server."}, {"sync", "link", "Download as text"}, {"account", "link", "All sessions"},
		{"storage", "list", "Space on servers"}, {"storage", "list", "Messages"}, {"storage", "button", "Remove from server, keep here"}, {"storage", "link", "Biggest"},
		{"storage", "link", "Oldest"}, {"storage", "combobox", "Remove from the server, and keep here, all mail that is"}, {"storage", "button", "Count it first"}, {"storage", "link", "Catalogue of the autumn"},
		{"storage-kept", "link", "Edit the account"}, {"message", "button", "Remove from server, keep here"}, {"search", "button", "Remove all from server, keep here"},
		{"deletions", "button", "Cancel"}, {"settings", "textbox", "Current password"}, {"settings", "button", "Change password"},
		{"settings", "button", "Sign out this browser"}, {"confirm", "button", "Remove 1,248 messages"}, {"confirm", "link", "Cancel"},
	} {
		t.Run(c.page+"/"+c.name, func(t *testing.T) { render(t, samples()[c.page]).one(c.role, c.name) })
	}
}

func TestNewMailGoesOnFromTheList(t *testing.T) {
	p := render(t, templates.Mailbox(sampleInbox()))
	notes := p.all(func(n *html.Node) bool { return attr(n, "data-arrived") != "" })
	if len(notes) != 1 || attr(notes[0], "data-since") != "77" {
		t.Error("the note of new mail does not name the newest message of the list")
	}
}

func TestListIsOneForm(t *testing.T) {
	p := render(t, templates.Mailbox(sampleInbox()))
	boxes := p.find("checkbox", "Select")
	if len(boxes) != len(sampleRows()) {
		t.Fatalf("%d boxes Select for %d rows", len(boxes), len(sampleRows()))
	}
	form := within(p.one("button", "Delete"), "form")
	if attr(form, "action") != "/base/messages/actions" || attr(form, "method") != "post" {
		t.Errorf("the list posts to %q", attr(form, "action"))
	}
	for i, b := range boxes {
		if within(b, "form") != form || attr(b, "name") != "id" || attr(b, "value") != sampleRows()[i].ID {
			t.Errorf("box %d does not send its message's id with the list's form", i)
		}
	}
	if b := p.one("button", "Delete"); attr(b, "name") != "action" || attr(b, "value") != "delete" {
		t.Errorf("Delete sends %s=%s", attr(b, "name"), attr(b, "value"))
	}
	// A star sends its own message only, whatever is selected: it belongs to another form.
	star := p.find("button", "Remove star")[0]
	other := p.byID(attr(star, "form"))
	if other == nil || other == form || attr(star, "value") != "40" {
		t.Errorf("the star of a row is sent with the whole list")
	}
}

func TestAccountFormFields(t *testing.T) {
	p := render(t, templates.AccountForm(sampleAccountForm()))
	form := within(p.one("button", "Save account"), "form")
	var got []string
	for _, n := range p.tags("input", "select") {
		if within(n, "form") == form && !slices.Contains(got, attr(n, "name")) {
			got = append(got, attr(n, "name"))
		}
	}
	want := []string{"email", "name", "host", "security", "port", "username", "password", "policy", "days", "interval_minutes", "adaptive", "max_size_mb", "read_after_days"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the form sends %v, want %v", got, want)
	}
	if b := p.one("button", "Test connection"); attr(b, "formaction") != "/base/accounts/test" {
		t.Errorf("Test connection goes to %q", attr(b, "formaction"))
	}
	if n := p.one("radio", "Delete when I delete"); attr(n, "value") != "on-delete" || !has(n, "checked") {
		t.Error("the policy is not shown as chosen")
	}
	port := p.one("textbox", "Port")
	if attr(port, "aria-invalid") != "true" || !strings.Contains(words(p.byID(attr(port, "aria-describedby"))), "1 to 65535") {
		t.Error("the error of the port is not tied to its box")
	}
	if n := p.one("textbox", "Password"); has(n, "value") && attr(n, "value") != "" {
		t.Error("a password is written into the page")
	}
}

func TestEditFormNamesItsAccount(t *testing.T) {
	m := sampleAccountForm()
	m.ID = "7"
	p := render(t, templates.AccountForm(m))
	found := p.all(func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == "account" })
	if len(found) != 1 || attr(found[0], "value") != "7" {
		t.Error("a test of a stored account cannot tell which account it is about")
	}
}

func TestFrameIsFenced(t *testing.T) {
	frame := render(t, templates.Message(sampleHTMLMessage())).one("frame", "Message body")
	if got := attr(frame, "sandbox"); got != "allow-popups allow-popups-to-escape-sandbox" {
		t.Errorf("sandbox=%q", got)
	}
	if got := attr(frame, "src"); got != "/base/messages/40/body" {
		t.Errorf("src=%q", got)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	const bad = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	m := sampleMessage()
	m.Subject = bad
	m.From = []templates.Person{{Name: bad, Address: bad, URL: "javascript:alert(1)"}}
	m.Attachments = []templates.Attachment{{Name: bad, Type: bad, Size: "1", URL: "javascript:alert(1)"}}
	m.Text = append(templates.Blocks(bad), templates.TextBlock{Text: templates.Text{{Text: bad, URL: "javascript:alert(1)"}, {Text: bad, Mark: true}}})
	m.Server.Reply = bad
	p := render(t, templates.Message(m))
	if n := len(p.tags("script")); n != 1 {
		t.Errorf("%d scripts on the page, want the portal's own", n)
	}
	if got := words(p.tags("h1")[0]); got != bad {
		t.Errorf("the subject reads %q", got)
	}
	for _, a := range p.tags("a") {
		if strings.HasPrefix(attr(a, "href"), "javascript:") {
			t.Error("a link runs script")
		}
	}
	for _, i := range p.tags("img") {
		if attr(i, "src") == "x" {
			t.Error("the mail brought an image along")
		}
	}
}

// The help must not promise keys that the script does not know.
func TestKeysAreTheScripts(t *testing.T) {
	script, err := os.ReadFile("../static/postern.js")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?s)const keys = \{(.*?)\n\t\};`).FindString(string(script))
	kbd := render(t, templates.Mailbox(sampleInbox())).tags("kbd")
	if len(kbd) < 10 {
		t.Fatalf("the help lists %d keys", len(kbd))
	}
	for _, k := range kbd {
		key := words(k)
		if key != "Enter" && !regexp.MustCompile(`(?m)^\t\t"?`+regexp.QuoteMeta(key)+`"?: `).MatchString(table) {
			t.Errorf("the script does not know the key %s", key)
		}
	}
}

func TestTitle(t *testing.T) {
	p := render(t, templates.Mailbox(sampleInbox()))
	if got := words(p.tags("title")[0]); got != "(12) Inbox · Postern" {
		t.Errorf("title %q", got)
	}
}

func TestUnreadMessageIsMarkedByAForm(t *testing.T) {
	m := sampleMessage()
	m.Unread = true
	form := within(render(t, templates.Message(m)).one("button", "Mark read"), "form")
	if !has(form, "data-opened") || attr(form, "method") != "post" || attr(form, "action") != "/base/messages/actions" {
		t.Error("opening a message does not post that it was read")
	}
	m.Unread = false
	if n := len(render(t, templates.Message(m)).find("button", "Mark read")); n != 0 {
		t.Error("a message that is read is offered to be marked read")
	}
}

func TestManyRecipientsFold(t *testing.T) {
	m := sampleMessage()
	for range 500 {
		m.To = append(m.To, templates.Person{Address: "member@example.org"})
	}
	p := render(t, templates.Message(m))
	folded := 0
	for _, n := range p.all(func(n *html.Node) bool { return attr(n, "class") == "person" }) {
		if within(n, "details") != nil {
			folded++
		}
	}
	if folded != 490 || !strings.Contains(words(p.tags("summary")[0]), "and 490 more") {
		t.Errorf("%d of 502 recipients are folded away: %q", folded, words(p.tags("summary")[0]))
	}
}

func TestChosenTheme(t *testing.T) {
	m := sampleInbox()
	m.Theme = "dark"
	root := renderIn(t, i18n.Chinese, templates.Mailbox(m)).tags("html")[0]
	if attr(root, "data-theme") != "dark" || attr(root, "lang") != "zh-CN" {
		t.Errorf("the document says %v", root.Attr)
	}
}

func TestPrintedChinese(t *testing.T) {
	m := templates.MessagePage{
		To:          []templates.Person{{Name: "林小雨", Address: "lin@example.net"}, {Name: "王建国", Address: "wang@example.net"}},
		Attachments: []templates.Attachment{{Name: "一.pdf", Size: "1 KB"}, {Name: "二.pdf", Size: "2 KB"}},
	}
	list := renderIn(t, i18n.Chinese, templates.PrintHead(m)).tags("dl")[0]
	if text := strings.Join(strings.Fields(words(list)), " "); strings.Count(text, "、") != 2 || strings.Contains(text, ",") {
		t.Errorf("people and attachments stand as %q", text)
	}
}

func TestHeldImagesWithoutAWay(t *testing.T) {
	m := sampleHTMLMessage()
	m.Images = &templates.HeldImages{Text: "3 images held back"}
	if n := len(render(t, templates.Message(m)).find("button", "Load images")); n != 0 {
		t.Error("a button leads nowhere")
	}
}

func TestWholeListFormsKeepTheFilter(t *testing.T) {
	trash := sampleTrash()
	trash.EmptyBin.Fields = []templates.Field{{Name: "account", Value: "3"}}
	search := sampleSearch()
	search.SelectAll.Fields = trash.EmptyBin.Fields
	for button, p := range map[string]page{"Empty Trash": render(t, templates.Mailbox(trash)), "Archive all": render(t, templates.Mailbox(search))} {
		form := within(p.one("button", button), "form")
		got := map[string]string{}
		for _, n := range p.tags("input") {
			if within(n, "form") == form {
				got[attr(n, "name")] = attr(n, "value")
			}
		}
		if got["all"] != "1" || got["bound"] != "77" || got["account"] != "3" || got["mailbox"] == "" {
			t.Errorf("%s sends %v", button, got)
		}
	}
}

func TestTestPanelAlone(t *testing.T) {
	p := render(t, templates.TestPanel(&templates.TestResult{Summary: "The server refused the password.", Advice: "Check it, or make an app password."}))
	if got := words(p.tags("b")[0]) + " " + words(p.tags("p")[1]); got != "The server refused the password. Check it, or make an app password." {
		t.Errorf("the fragment reads %q", got)
	}
	if len(p.tags("title")) != 0 {
		t.Error("the fragment brings a document along")
	}
}

// What an account keeps on its server has no way to be chosen.
func TestNothingToRemoveFromKeptAccount(t *testing.T) {
	p := render(t, templates.Storage(sampleStorageKept()))
	if n := len(p.find("checkbox", "Select")) + len(p.find("button", "Remove from server, keep here")) + len(p.find("button", "Count it first")); n != 0 {
		t.Errorf("%d ways to remove what is kept", n)
	}
	p = render(t, templates.Storage(sampleStorage()))
	form := within(p.one("button", "Remove from server, keep here"), "form")
	for i, b := range p.find("checkbox", "Select") {
		if within(b, "form") != form || attr(b, "value") != sampleStorage().List.Rows[i].ID {
			t.Errorf("box %d does not send its message's id with the button's form", i)
		}
	}
}
