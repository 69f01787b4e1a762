package main_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAttachmentsAreFound: a running postern finds mail by words in what is attached to it,
// whatever else is attached.
func TestAttachmentsAreFound(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string {
		octets, err := os.ReadFile(filepath.Join("..", "..", "internal", "attachtext", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(octets)
	}
	var mail strings.Builder
	mail.WriteString("From: lin@example.com\r\nSubject: Papers\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee what is attached.\r\n")
	attach := func(mediaType, name, octets string) {
		fmt.Fprintf(&mail, "--b\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
			mediaType, name, base64.StdEncoding.EncodeToString([]byte(octets)))
	}
	attach("application/pdf", "broken.pdf", "%PDF-1.7 nothing")
	attach("application/pdf", "invoice.pdf", file("chinese.pdf"))
	attach("application/octet-stream", "minutes.docx", file("chinese.docx"))
	attach("text/plain; charset=gb2312", "notes.txt", "\xbb\xf5\xd4\xcb\xb5\xa5\xba\xc5 SF4477") // 货运单号
	attach("text/html", "page.html", "<p>Ticket for the <b>lighthouse</b> tour</p>")
	mail.WriteString("--b--\r\n")
	if err := os.WriteFile(filepath.Join(dir, "papers.eml"), []byte(mail.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) string {
		cmd := exec.Command(binary, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("postern %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	command("user", "add", "--password-file", "password", "ann")
	command("import", "--user", "ann", "papers.eml")
	start(t, dir, nil)
	for _, words := range []string{"发票编号", "FP-2026/0815", "西湖", "会议记录", "bridge", "货运单号", "lighthouse"} {
		for limit := time.Now().Add(3 * time.Minute); !strings.Contains(command("search", "--user", "ann", words), "Papers"); {
			if time.Now().After(limit) {
				t.Fatalf("%s is not found", words)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}
