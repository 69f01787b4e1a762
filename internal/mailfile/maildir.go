package mailfile

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// isMaildir tells a folder with the three of its kind in it.
func isMaildir(dir string) bool {
	for _, sub := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(dir, sub)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// inMaildir notes what the place of a file in a Maildir says. Folders of a Maildir++ lie beside each
// other: ".Work.2019" is 2019 in Work. root is where the walk began.
func (s *Source) inMaildir(root, dir, name string) {
	flags := ""
	// ":" cannot stand in names everywhere; ";" and "!" are what is used instead.
	if i := strings.LastIndexAny(name, ":;!"); i >= 0 && strings.HasPrefix(name[i+1:], "2,") {
		flags = name[i+3:]
	}
	if filepath.Base(filepath.Dir(s.Path)) == "new" {
		flags = strings.ReplaceAll(flags, "S", "")
	}
	s.flags = &flags
	folder, err := filepath.Rel(root, dir)
	if err != nil || folder == "." {
		return
	}
	if base := filepath.Base(folder); strings.HasPrefix(base, ".") {
		folder = strings.ReplaceAll(base[1:], ".", "/")
	}
	folder = strings.TrimPrefix(filepath.ToSlash(folder), "INBOX/")
	s.inFolder(fromUTF7(folder))
}

// maildir reads the flags behind ":2,".
func (m *Marks) maildir(flags string) {
	m.Unread = !strings.Contains(flags, "S")
	m.Starred = strings.Contains(flags, "F")
	if strings.Contains(flags, "T") {
		m.Mailbox = "trash"
	}
}

// fromUTF7 reads a folder's name in the modified UTF-7 of RFC 3501 §5.1.3. What is none stays.
func fromUTF7(s string) string {
	var out strings.Builder
	for {
		plain, rest, found := strings.Cut(s, "&")
		out.WriteString(plain)
		if !found {
			return out.String()
		}
		word, rest, found := strings.Cut(rest, "-")
		if word == "" && found {
			out.WriteByte('&')
			s = rest
			continue
		}
		b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(word, ",", "/"))
		if err != nil || !found || len(b)%2 != 0 {
			return out.String() + s[len(plain):]
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		out.WriteString(string(utf16.Decode(units)))
		s = rest
	}
}
