package mailfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Entry is a message to be written: its octets, and what a format notes beside them.
type Entry struct {
	ID       int64  // unique in what is written
	Mailbox  string // "inbox", "archive", "junk", "trash"
	Unread   bool
	Starred  bool
	From     string    // address of the sender
	Received time.Time // when it arrived
	Octets   io.Reader
	Size     int64 // of Octets; only [TarWriter] needs it
}

// Writer writes messages in one of the formats.
type Writer interface {
	Write(Entry) error
	// Close ends the writing. A file that was begun is whole only after it.
	Close() error
}

// MboxWriter writes the mboxrd dialect, the one whose quoting can be undone: [MboxRD] reads the
// same octets back, as long as each message ends with a line end.
type MboxWriter struct{ w *bufio.Writer }

// NewMboxWriter writes to w, which Close does not close.
func NewMboxWriter(w io.Writer) *MboxWriter { return &MboxWriter{bufio.NewWriterSize(w, 64<<10)} }

// Write implements [Writer].
func (m *MboxWriter) Write(e Entry) error {
	sender := e.From
	if sender == "" || strings.ContainsFunc(sender, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		sender = "MAILER-DAEMON"
	}
	if _, err := fmt.Fprintf(m.w, "From %s %s\n", sender, e.Received.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	q := quoter{w: m.w}
	if _, err := io.Copy(&q, e.Octets); err != nil {
		return err
	}
	q.flush()
	// The empty line before the next "From ". A message without a line end at its end gets one.
	if q.last != '\n' {
		m.w.WriteByte('\n')
	}
	return m.w.WriteByte('\n')
}

// Close implements [Writer].
func (m *MboxWriter) Close() error { return m.w.Flush() }

// quoter puts a ">" before "From " at the beginning of a line, behind any ">" that stands there.
type quoter struct {
	w       *bufio.Writer // keeps its first error for Flush
	inLine  bool          // the line at hand needs no quoting
	matched int           // octets of "From " seen and not yet written
	last    byte
}

// Write implements io.Writer.
func (q *quoter) Write(p []byte) (n int, err error) {
	n = len(p)
	if n > 0 {
		q.last = p[n-1]
	}
	for len(p) > 0 {
		switch c := p[0]; {
		case q.inLine:
			end := bytes.IndexByte(p, '\n') + 1
			if q.inLine = end == 0; q.inLine {
				end = len(p)
			}
			if _, err = q.w.Write(p[:end]); err != nil {
				return 0, err
			}
			p = p[end:]
		case q.matched == 0 && c == '>':
			q.w.WriteByte(c)
			p = p[1:]
		case c == from[q.matched]:
			p = p[1:]
			if q.matched++; q.matched == len(from) {
				q.w.WriteByte('>')
				q.flush()
				q.inLine = true
			}
		default:
			q.flush()
			q.inLine = true
		}
	}
	return n, nil
}

func (q *quoter) flush() {
	q.w.WriteString(from[:q.matched])
	q.matched = 0
}

// MaildirWriter writes a Maildir++: what lies in other mailboxes than the inbox is in folders of it.
type MaildirWriter struct{ dir string }

// NewMaildirWriter makes the folder dir.
func NewMaildirWriter(dir string) (*MaildirWriter, error) {
	return &MaildirWriter{dir}, makeMaildir(dir)
}

func makeMaildir(dir string) error {
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// Write implements [Writer].
func (m *MaildirWriter) Write(e Entry) error {
	folder := maildirFolder(e.Mailbox)
	if folder != "" {
		if err := makeMaildir(filepath.Join(m.dir, folder)); err != nil {
			return err
		}
	}
	name := maildirName(e)
	while, _, _ := strings.Cut(path.Base(name), ":")
	return writeFile(filepath.Join(m.dir, folder, "tmp", while), filepath.Join(m.dir, filepath.FromSlash(name)), e)
}

// maildirFolder is where a mailbox lies in a Maildir++: "" for the inbox, ".Archive".
func maildirFolder(mailbox string) string {
	if mailbox == "inbox" {
		return ""
	}
	return "." + strings.ToUpper(mailbox[:1]) + mailbox[1:]
}

// maildirName is the path of a message in a Maildir++: ".Archive/cur/1764057600.17.postern:2,FS".
func maildirName(e Entry) string {
	flags := ""
	if e.Starred {
		flags += "F"
	}
	if !e.Unread {
		flags += "S"
	}
	return path.Join(maildirFolder(e.Mailbox), "cur", fmt.Sprintf("%d.%d.postern:2,%s", e.Received.Unix(), e.ID, flags))
}

// Close implements [Writer].
func (m *MaildirWriter) Close() error { return nil }

// EmlWriter writes a file for each message, in a folder for each mailbox.
type EmlWriter struct{ dir string }

// NewEmlWriter makes the folder dir.
func NewEmlWriter(dir string) (*EmlWriter, error) { return &EmlWriter{dir}, os.MkdirAll(dir, 0o700) }

// Write implements [Writer].
func (w *EmlWriter) Write(e Entry) error {
	name := filepath.Join(w.dir, filepath.FromSlash(EmlName(e)))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return writeFile(name+".part", name, e)
}

// Close implements [Writer].
func (w *EmlWriter) Close() error { return nil }

// EmlName is the path of a message among many: "inbox/2026-11-25 17.eml".
func EmlName(e Entry) string {
	return fmt.Sprintf("%s/%s %d.eml", e.Mailbox, e.Received.UTC().Format(time.DateOnly), e.ID)
}

// writeFile writes a message under a name for the while, and gives it its own when it is whole.
func writeFile(while, name string, e Entry) (err error) {
	f, err := os.OpenFile(while, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, e.Octets)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chtimes(while, time.Time{}, e.Received)
	}
	if err == nil {
		err = os.Rename(while, name)
	}
	if err != nil {
		os.Remove(while)
	}
	return err
}
