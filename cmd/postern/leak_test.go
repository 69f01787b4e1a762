package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
)

var (
	links      = regexp.MustCompile(`(?:href|src)="(/[^"]*)"`)
	totpSecret = regexp.MustCompile(`name="secret" value="([A-Z2-7]+)"`)
	codeShown  = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)
)

// spellings are the forms in which a secret could leak.
func spellings(secret string) map[string][]byte {
	all := map[string][]byte{
		"plain": []byte(secret), "hex": []byte(hex.EncodeToString([]byte(secret))), "query": []byte(url.QueryEscape(secret)), "HTML": []byte(html.EscapeString(secret)),
		"SASL PLAIN": []byte(base64.StdEncoding.EncodeToString([]byte("\x00anna@example.com\x00" + secret))),
	}
	quoted, _ := json.Marshal(secret)
	all["JSON"] = quoted[1 : len(quoted)-1]
	// In base64 the same octets have three forms, by where they begin; the ends depend on the neighbours.
	for skip := range 3 {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), secret...))
		all["base64, "+string(rune('0'+skip))] = []byte(text[[]int{0, 2, 3}[skip] : len(text)-2])
	}
	return all
}

// TestNoSecretLeaks does all that has to do with secrets, with all there is logged, and then looks for them in every
// log, page, export, transcript, backup and file.
func TestNoSecretLeaks(t *testing.T) {
	m := newMailServer(t, "keep", 5)
	const popPassword, wrongPassword, ownerPassword = "maildrop password", "Wr0ng<Geheim>?+/42", "N3w Owner &secret/77"
	p := start(t, m.dir, nil, "serve", "--log-level", "debug", "--log-format", "json", "--metrics")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	var pages bytes.Buffer
	read := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		res.Header.Del("Set-Cookie") // that is where it belongs
		res.Header.Write(&pages)
		pages.Write(body)
		return string(body)
	}
	post := func(path string, pairs ...string) string {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		return read(c.PostForm(p.base+path, form))
	}
	post("/login", "name", "anna", "password", wrongPassword)
	post("/login", "name", wrongPassword+" typed into the wrong box", "password", "x")
	pages.Reset() // a name is shown again, whatever it is
	post("/login", "name", "anna", "password", "a good long password")
	post("/settings/password", "current", wrongPassword, "password", ownerPassword, "repeat", ownerPassword)
	post("/settings/password", "current", "a good long password", "password", ownerPassword, "repeat", ownerPassword)
	host, port, _ := strings.Cut(m.TLSAddr(), ":")
	account := []string{"email", "anna@example.com", "name", "Work", "host", host, "port", port, "security", "tls", "username", "anna@example.com", "policy", "keep"}
	for _, password := range []string{wrongPassword, popPassword, ""} {
		with := append([]string{"account", "1", "password", password}, account...)
		post("/accounts/test", with...)
		post("/accounts/1", with...)
		post("/accounts/1", append(with, "port", "nonsense")...)
		command(t, m.dir, "account", "set", "--user", "anna", "Work") // due
		tryCommand(t, m.dir, nil, "--log-level", "debug", "sync")
	}
	setup, err := c.Get(p.base + "/settings/totp")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(setup.Body)
	setup.Body.Close()
	secret := totpSecret.FindStringSubmatch(string(body))[1]
	code, err := hotp.GenerateCode(secret, uint64(time.Now().Unix()/30))
	if err != nil {
		t.Fatal(err)
	}
	before := pages.Len()
	shown := post("/settings/totp", "secret", secret, "code", code, "current", ownerPassword)
	pages.Truncate(before) // the one page that shows recovery codes
	recovery := codeShown.FindStringSubmatch(shown)[1]

	seen := map[string]bool{"/logout": true, "/settings/totp": true}
	for next := []string{"/mail/inbox", "/mail/all?q=letter", "/accounts/1", "/accounts/1/edit", "/accounts/1/sessions", "/settings", "/metrics", "/nothing"}; len(next) > 0 && len(seen) < 150; next = next[1:] {
		path := html.UnescapeString(next[0])
		if seen[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		seen[path] = true
		for _, link := range links.FindAllStringSubmatch(read(c.Get(p.base+path)), -1) {
			next = append(next, link[1])
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d pages read", len(seen))
	}
	base, _ := url.Parse(p.base)
	session := jar.Cookies(base)[0].Value
	command(t, m.dir, "export", "--user", "anna", "--format", "mbox", "out.mbox")
	command(t, m.dir, "backup", "b.tar.zst")
	command(t, m.dir, "restore", "--data-dir", "restored", "b.tar.zst")
	doctor, _ := tryCommand(t, m.dir, nil, "doctor")
	list, _ := tryCommand(t, m.dir, nil, "account", "list")
	p.stop(t)
	key, err := os.ReadFile(filepath.Join(m.dir, "postern-data", "postern.key"))
	if err != nil {
		t.Fatal(err)
	}

	places := map[string][]byte{"the log": []byte(p.output.String()), "a page": pages.Bytes(), "doctor and list": []byte(doctor + list)}
	filepath.WalkDir(m.dir, func(path string, d os.DirEntry, err error) error {
		name := filepath.Base(path)
		if err == nil && d.Type().IsRegular() && name != "owner" && name != "mail" && name != "postern.key" {
			if places[path], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		return err
	})
	for what, secret := range map[string]string{
		"the maildrop's password": popPassword, "a wrong password": wrongPassword, "the owner's password": ownerPassword,
		"the second factor": secret, "a recovery code": recovery, "the session's id": session, "the key": strings.TrimSpace(string(key)),
	} {
		for form, octets := range spellings(secret) {
			for place, data := range places {
				if i := bytes.Index(data, octets); i >= 0 {
					t.Errorf("%s stands in %s (%s)", what, place, form)
				}
			}
		}
	}
	if len(places["the log"]) < 300 || pages.Len() < 100_000 {
		t.Errorf("there is little to look into: %d octets of log, %d of pages", len(places["the log"]), pages.Len())
	}
}
