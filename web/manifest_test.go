package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	pngs "image/png"
	"strings"
	"testing"
	"time"
)

// TestManifest: the portal can be installed, also below a path, and its icons are of the size that is said.
func TestManifest(t *testing.T) {
	w := newPortal(t, func(o *Options) { o.BaseURL = "https://mail.example.com/post" })
	b := w.browser()
	b.host = "mail.example.com"
	a := b.get("/post/manifest.webmanifest").want(t, 200)
	var m manifest
	w.must(json.Unmarshal([]byte(a.body), &m))
	if m.StartURL != "/post/mail/inbox" || m.Scope != "/post/" || m.Display != "standalone" || len(m.Icons) != 3 {
		t.Errorf("%+v", m)
	}
	for _, icon := range m.Icons[:2] {
		got := b.get(icon.Source).want(t, 200)
		img, err := pngs.DecodeConfig(bytes.NewReader([]byte(got.body)))
		if err != nil || fmt.Sprintf("%dx%d", img.Width, img.Height) != icon.Sizes || got.Header.Get("Content-Type") != icon.Type {
			t.Errorf("%s: %v %v %s", icon.Source, img, err, got.Header.Get("Content-Type"))
		}
	}
	b.get("/post/login").has(t, `rel="manifest" href="/post/manifest.webmanifest"`, `name="theme-color"`)
}

// TestManifestInBrowser: the policy lets the browser have it.
func TestManifestInBrowser(t *testing.T) {
	_, page, base := seen(t)
	page.Goto(base + "/mail/inbox")
	if got := page.Eval(`fetch(document.querySelector("link[rel=manifest]").href).then(r => r.json()).then(m => m.short_name)`); got != `"Postern"` {
		t.Errorf("the manifest says %s", got)
	}
	time.Sleep(200 * time.Millisecond)
	for _, line := range page.Console() {
		if strings.Contains(line, "anifest") {
			t.Error(line)
		}
	}
}
