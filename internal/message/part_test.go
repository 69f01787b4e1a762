package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

const twoParts = "From: ann@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
	"--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n" +
	"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Type: application/octet-stream\r\n" +
	"Content-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--y--\r\n--x--\r\n"

func TestFind(t *testing.T) {
	root := parse(t, []byte(twoParts)).Root
	for path, want := range map[string]string{
		"": "multipart/mixed", "1": "text/plain", "2": "multipart/mixed", "2.1": "application/octet-stream",
		"3": "", "2.2": "", "1.1": "", "2.1.1": "", "x": "", "11": "",
	} {
		got := ""
		if p := root.Find(path); p != nil {
			got = p.Type
		}
		if got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
	p := root.Find("2.1")
	if p.MediaType() != "image/png" || p.Name() != "a.png" {
		t.Errorf("%s %s", p.MediaType(), p.Name())
	}
	if b, err := io.ReadAll(p.Open(strings.NewReader(twoParts))); string(b) != "ABC" || err != nil {
		t.Errorf("%q %v", b, err)
	}
	if (*Part)(nil).Find("1") != nil || (*Part)(nil).Attachments() != nil || BodyText(nil, nil) != "" {
		t.Error("a nil tree has no parts")
	}
}

// TestNamedTextIsShownAndListed: a text file beside the text is both read and saved.
func TestNamedTextIsShownAndListed(t *testing.T) {
	m := parse(t, []byte("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; name=body.txt\n\nHello\n"+
		"--x\nContent-Type: text/plain; name=notes.txt\nContent-Disposition: inline\n\nNotes\n--x--\n"))
	if m.Text != "Hello\n\nNotes\n" {
		t.Errorf("text %q", m.Text)
	}
	if a := m.Root.Attachments(); len(a) != 1 || a[0].Filename != "notes.txt" {
		t.Errorf("attachments %v", a)
	}
}

// failingReader fails behind its first octets.
type failingReader struct {
	good []byte
	err  error
}

func (f failingReader) ReadAt(b []byte, off int64) (int, error) {
	n := copy(b, f.good[min(off, int64(len(f.good))):])
	if n < len(b) {
		return n, f.err
	}
	return n, nil
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := Parse(failingReader{[]byte(twoParts[:100]), broken}, int64(len(twoParts))); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	// Shorter than said is no error: what is there is read.
	m, err := Parse(bytes.NewReader([]byte(twoParts)), 1<<40)
	if err != nil || m.Text != "Hello\n" {
		t.Errorf("%v %v", m, err)
	}
	if m, err := Parse(bytes.NewReader(nil), 0); err != nil || m.Root.Path != "1" {
		t.Errorf("nothing at all: %v %v", m, err)
	}
	if m, err := Parse(bytes.NewReader([]byte("abc")), -1); err != nil || m.Text != "" {
		t.Errorf("less than nothing: %v %v", m, err)
	}
}

func TestEnvelope(t *testing.T) {
	m := parse(t, []byte(strings.ReplaceAll(`Received: from a by b; Tue, 3 Mar 2026 11:00:00 +0100
Received: from c by d; Mon, 2 Mar 2026 11:00:00 +0100
Authentication-Results: mx.example.net; dkim=pass
 header.d=example.com
From: Ann <ann@example.com>
To: a@example.net
To: b@example.net
Message-ID: < 1@example.com >
In-Reply-To: Your message of Monday <0@example.com> ann@example.com
References: <a@x> <b@x>,<a@x> junk
List-Id: The list <list.example.com>
List-Unsubscribe: <mailto:off@example.com>, <https://example.com/off?a=b>, <javascript:x>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Subject: all of it

Hello.
`, "\n", "\r\n")))
	e := m.Envelope
	for name, c := range map[string]struct{ got, want string }{
		"received":   {e.Received.Format("2006-01-02"), "2026-03-03"},
		"id":         {e.MessageID, "1@example.com"},
		"reply to":   {strings.Join(e.InReplyTo, " "), "0@example.com ann@example.com"},
		"references": {strings.Join(e.References, " "), "a@x b@x"},
		"list":       {e.ListID, "list.example.com"},
		"off":        {strings.Join(e.Unsubscribe, " "), "mailto:off@example.com https://example.com/off?a=b"},
		"auth":       {e.AuthResults, "mx.example.net; dkim=pass header.d=example.com"},
		"to":         {addresses(e.To), "a@example.net b@example.net"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
	if !e.OneClick || !e.Date.IsZero() {
		t.Error("one-click, or a date from nowhere")
	}
}
