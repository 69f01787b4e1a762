package main_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/internal/browsertest"
)

// TestScreens makes the pictures of docs/screens anew, from the demo: see `make screens`.
func TestScreens(t *testing.T) {
	folder := os.Getenv("POSTERN_SCREENS")
	if folder == "" {
		t.Skip("POSTERN_SCREENS names no folder for the pictures")
	}
	p := start(t, t.TempDir(), nil, "demo")
	b := browsertest.New(t)
	desk, night := b.Page(t, 1280, 800, false), b.Page(t, 1280, 800, true)
	phone, phoneNight := b.Page(t, 390, 780, false), b.Page(t, 390, 780, true)
	desk.Goto(p.base)
	desk.Fill("User name", "demo")
	desk.Fill("Password", "demo-demo")
	desk.Click("button", "Sign in")
	desk.WaitText("Inbox", 10*time.Second)

	// take opens a page, and the message with the subject in it, if one is given.
	take := func(name string, page *browsertest.Page, path, subject string) {
		t.Helper()
		page.Goto(p.base + path)
		if subject != "" {
			page.Click("link", subject)
		}
		time.Sleep(500 * time.Millisecond) // for images, and the frame to take its height
		page.Picture(filepath.Join(folder, name+".png"))
	}
	take("list", desk, "/mail/inbox", "")
	take("message", desk, "/mail/inbox", "First flush, and how to store it — letter no. 48")
	take("conversation", desk, "/mail/inbox", "Re: The greenhouse before winter")
	take("search", desk, "/mail/all?q=greenhouse+from:mira", "")
	take("add-account", desk, "/accounts/new", "")
	take("storage", night, "/storage", "")
	take("phone-list", phone, "/mail/inbox", "")
	take("phone-message", phoneNight, "/mail/inbox", "First flush, and how to store it — letter no. 48")

	take("phone-conversation", phone, "/mail/inbox", "Re: The greenhouse before winter")
	phone.ClickNth("button", "More for this message", 0)
	phone.Picture(filepath.Join(folder, "phone-conversation-menu.png"))
	phone.Goto(p.base + "/mail/inbox")
	phone.Click("button", "Menu")
	phone.Picture(filepath.Join(folder, "phone-side.png"))

	desk.Goto(p.base + "/settings")
	desk.Check("简体中文")
	desk.Click("button", "Save language")
	desk.WaitText("设置", 10*time.Second)
	take("list-chinese-dark", night, "/mail/inbox", "")
	take("phone-account-chinese", phone, "/accounts/1", "")
}
