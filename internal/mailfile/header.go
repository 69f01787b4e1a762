package mailfile

import (
	"bytes"
	"mime"
	"strings"
)

// maxHeader is how much of a message is looked through for its marks.
const maxHeader = 256 << 10

// field returns the first header field of that name (in lower case), unfolded; nil if there is none.
func field(raw []byte, name string) []byte {
	raw = raw[:min(len(raw), maxHeader)]
	var value []byte
	found := false
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line = raw[:i+1]
		}
		raw = raw[len(line):]
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			return value
		case line[0] == ' ' || line[0] == '\t':
			if found {
				value = append(value, line...)
			}
		case found:
			return value
		case len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name):
			value, found = bytes.Clone(bytes.TrimSpace(line[len(name)+1:])), true
		}
	}
	return value
}

// marks reads what mail programs noted of a message: in its header, and in the name of the file.
func (s Source) marks(raw []byte) Marks {
	m := Marks{Mailbox: s.mailbox, Labels: s.labels}
	if status := field(raw, "status"); status != nil {
		m.Unread = !bytes.ContainsRune(status, 'R')
	}
	if bytes.ContainsRune(field(raw, "x-status"), 'F') {
		m.Starred = true
	}
	if v := field(raw, "x-mozilla-status"); len(v) == 4 {
		m.mozilla(v)
	}
	if labels := field(raw, "x-gmail-labels"); labels != nil {
		m.gmail(labels)
	}
	m.Thread = string(field(raw, "x-gm-thrid"))
	if s.flags != nil {
		m.maildir(*s.flags)
	}
	return m
}

// mozilla reads X-Mozilla-Status, four hexadecimal digits: 1 read, 4 starred, 8 deleted but not yet
// taken out of the file.
func (m *Marks) mozilla(v []byte) {
	low := strings.IndexByte("0123456789abcdef", v[3]|0x20)
	if '0' <= v[3] && v[3] <= '9' {
		low = int(v[3] - '0')
	}
	if low < 0 {
		return
	}
	m.Unread = low&1 == 0
	m.Starred = low&4 != 0
	if low&8 != 0 {
		m.Mailbox = "trash"
	}
}

// decodeWords reads encoded words; what cannot be decoded stays as it is.
func decodeWords(raw []byte) string {
	decoder := mime.WordDecoder{}
	s, err := decoder.DecodeHeader(string(raw))
	if err != nil {
		s = string(raw)
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
