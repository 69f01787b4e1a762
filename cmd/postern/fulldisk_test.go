package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/internal/dovecottest"
)

// diskBanner is how every page says it.
const diskBanner = "Postern cannot write to its disk"

var subjectLink = regexp.MustCompile(`class="subject" href="([^"]+)"`)

// TestFullDisk fills up the disk under a serving portal: nothing is deleted on the
// server, the account says why, all mail can still be read, and when there is room again
// it goes on by itself.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "postern-data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", data).CombinedOutput(); err != nil {
		t.Skipf("a small disk can be mounted by root only: %v %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", data).Run() })
	server := dovecottest.Start(t, dovecottest.Options{})
	for i := range 20 {
		server.Deliver(t, letter(i))
	}
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	writeFile(t, filepath.Join(dir, "mail"), server.Password+"\n")
	command(t, dir, "user", "add", "anna", "--password-file", "owner")
	command(t, dir, "account", "add", "--user", "anna", "--name", "Work", "--password-file", "mail", "pop3s://"+server.User+"@"+server.TLS)
	sync(t, dir, server.CAFile)
	command(t, dir, "account", "set", "--user", "anna", "--policy", "after-download", "--yes", "Work")

	p := start(t, dir, []string{"SSL_CERT_FILE=" + server.CAFile})
	jar, _ := cookiejar.New(nil)
	b := &http.Client{Jar: jar}
	get := func(path string) string {
		t.Helper()
		res, err := b.Get(p.base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v", path, res.Status, err)
		}
		return string(page)
	}
	res, err := b.PostForm(p.base+"/login", url.Values{"name": {"anna"}, "password": {"a good long password"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	waitFor(t, "the old mail to be deleted on the server", func() bool { return len(server.Files(t)) == 0 })

	fill, err := os.Create(filepath.Join(data, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = fill.Write(block)
	}
	fill.Close()
	for i := range 5 {
		server.Deliver(t, append(letter(100+i), strings.Repeat("More of it.\r\n", 20_000)...))
	}
	check := func() {
		res, err := b.PostForm(p.base+"/accounts/sync", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	check()
	for range 6 {
		page := get("/mail/inbox")
		for i := range 20 {
			if !strings.Contains(page, fmt.Sprintf("Letter %d", i)) {
				t.Errorf("Letter %d is not on the page", i)
			}
		}
		link := subjectLink.FindStringSubmatch(page)
		if link == nil || !strings.Contains(get(link[1]), "This is letter number") {
			t.Error("the newest letter cannot be read")
		}
		time.Sleep(500 * time.Millisecond)
	}
	if n := len(server.Files(t)); n != 5 {
		t.Errorf("%d messages on the server while the disk is full, want 5", n)
	}
	if res, err := b.Get(p.base + "/readyz"); err != nil || res.StatusCode == http.StatusOK {
		t.Errorf("readyz says that all is well: %v, %v", res, err)
	} else {
		res.Body.Close()
	}
	if page := get("/mail/inbox"); strings.Contains(page, "Letter 104") || !strings.Contains(page, diskBanner) {
		t.Error("half a message, or no banner")
	}

	if err := os.Remove(fill.Name()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the new mail, once there is room", func() bool {
		check()
		time.Sleep(time.Second)
		return strings.Contains(get("/mail/inbox"), "Letter 104") && len(server.Files(t)) == 0
	})
	if strings.Contains(get("/mail/inbox"), diskBanner) {
		t.Error("the banner stays")
	}
	p.stop(t)
	if out := command(t, dir, "check"); !strings.Contains(out, " 0 findings") {
		t.Errorf("check: %s", out)
	}
}
