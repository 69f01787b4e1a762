package mailfile

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Source is a file that holds mail.
type Source struct {
	Path string
	Size int64 // octets of the file as it is, compressed or not

	named   bool // a person named this very file: it is mail
	flags   *string
	mailbox string
	labels  []string
}

// Walk calls f for every file at or below path, in the order of their names. Files that are part of
// a Maildir are known as such. Whether others are mail shows when they are read. An error of f ends
// the walk; a folder that cannot be read is told to failed and passed over.
func Walk(path string, f func(Source) error, failed func(path string, err error)) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return f(Source{Path: path, Size: info.Size(), named: true})
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			failed(p, err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if p != path && d.Name() == "tmp" && isMaildir(filepath.Dir(p)) {
				return fs.SkipDir // deliveries that never ended
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			failed(p, err)
			return nil
		}
		s := Source{Path: p, Size: info.Size()}
		dir, sub := filepath.Split(filepath.Dir(p))
		if (sub == "cur" || sub == "new") && (isMaildir(dir) || readName.MatchString(d.Name())) {
			s.inMaildir(path, filepath.Clean(dir), d.Name())
		}
		return f(s)
	})
}

// readName is the name of a file in a Maildir that has been seen: what packs folders may leave out the empty ones,
// so that "new" is missing beside it.
var readName = regexp.MustCompile(`[:;!]2,[A-Za-z]*$`)

type kind int

const (
	single kind = iota
	mbox
)

// singleSuffix is the name of a file that holds one message, even where it begins with "From ".
var singleSuffix = regexp.MustCompile(`(?i)\.(eml|rfc822)(\.gz|\.zst)?$`)

// mailField is a header field that tells mail from other text.
var mailField = regexp.MustCompile(`(?im)^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|x-gmail-labels):`)

// kind tells what a file holds by its beginning. Returns ErrNotMail for a file that nobody named
// and that does not look like mail.
func (s Source) kind() (kind, error) {
	if s.flags != nil || singleSuffix.MatchString(s.Path) {
		return single, nil
	}
	in, err := open(s.Path, nil)
	if err != nil {
		return single, err
	}
	defer in.Close()
	head := make([]byte, 8<<10)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return single, fmt.Errorf("read %s: %w", s.Path, err)
	}
	head = bytes.TrimLeft(head[:n], "\r\n")
	switch {
	case isFrom(head):
		return mbox, nil
	case s.named:
		return single, nil
	}
	head, _, _ = bytes.Cut(head, []byte("\n\n"))
	head, _, _ = bytes.Cut(head, []byte("\n\r\n"))
	if !mailField.Match(head) || bytes.IndexByte(head, 0) >= 0 {
		return single, ErrNotMail
	}
	return single, nil
}

// mailboxNames are folder names that mean a mailbox.
var mailboxNames = map[string]string{
	"inbox": "inbox", "archive": "archive", "archives": "archive", "junk": "junk", "spam": "junk",
	"trash": "trash", "deleted items": "trash", "deleted messages": "trash",
}

// inFolder notes the folder a message lies in, with "/" between its levels.
func (s *Source) inFolder(name string) {
	if box, ok := mailboxNames[strings.ToLower(name)]; ok {
		s.mailbox = box
	} else if name != "" {
		s.labels = []string{name}
	}
}
