package sanitize

import (
	"io"
	"strings"

	"golang.org/x/net/html"
)

// tokenKind is what a scanner has come upon.
type tokenKind uint8

const (
	scanEnd  tokenKind = iota // of the input
	scanText                  // with its entities as they are written
	scanStart
	scanEndTag
	scanDoctype
)

// scanner cuts HTML into tags and texts (HTML 13.2.5), as html.Tokenizer does
// it and FuzzScanner compares, but without a copy of anything: the tree that is
// judged is built by html.Parse from what strain leaves, so the scanner has only
// to see where tags are. Comments and processing instructions are passed over,
// and so is a tag that the input ends in.
type scanner struct {
	rest string
	raw  string // of which element the text follows that holds no tags; "" none

	text        string // of a text or doctype
	attrs       string // of a start tag: what stands behind its name
	selfClosing bool
	buf         [16]byte
	name        []byte // of a tag, in lower case, in buf; nil when it is longer than any that is known
}

// rawText are the elements in which tags are no tags.
var rawText = set("iframe noembed noframes noscript plaintext script style textarea title xmp")

// next reads on.
func (s *scanner) next() tokenKind {
	if s.raw != "" {
		text := s.rest[:rawEnd(s.rest, s.raw)]
		s.raw = ""
		if text != "" {
			s.text, s.rest = text, s.rest[len(text):]
			return scanText
		}
	}
	for s.rest != "" {
		if end := markup(s.rest); end != 0 {
			s.text, s.rest = s.rest[:end], s.rest[end:]
			return scanText
		}
		switch c := s.rest[1]; {
		case c == '!' || c == '?':
			if s.declaration() {
				return scanDoctype
			}
		case c != '/':
			if !s.tag(len("<")) {
				return scanEnd
			}
			if n := len(s.name); (n > len("font") || n == len("xmp")) && rawText[string(s.name)] {
				s.raw = string(s.name)
			}
			return scanStart
		case isLetter(s.rest[2]):
			if !s.tag(len("</")) {
				return scanEnd
			}
			return scanEndTag
		default: // "</>", or a comment of a kind
			s.rest = after(s.rest, ">")
		}
	}
	return scanEnd
}

// markup finds where the text ends that s begins with.
func markup(s string) int {
	for i := 0; ; i++ {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 || i+n+1 == len(s) {
			return len(s)
		}
		i += n
		switch c := s[i+1]; {
		case isLetter(c), c == '!', c == '?', c == '/' && i+2 < len(s):
			return i
		}
	}
}

// tag reads a tag whose name begins at from; false when the input ends in it.
func (s *scanner) tag(from int) bool {
	end := from
	for end < len(s.rest) && !isSpace(s.rest[end]) && s.rest[end] != '/' && s.rest[end] != '>' {
		end++
	}
	s.name = nil
	if end-from <= len(s.buf) {
		s.name = s.buf[:copy(s.buf[:], s.rest[from:end])]
		for i, c := range s.name {
			if 'A' <= c && c <= 'Z' {
				s.name[i] = c + 'a' - 'A'
			}
		}
	}
	a := attrCursor{s: s.rest, pos: end}
	for a.next() {
	}
	if a.pos == len(s.rest) {
		s.rest = ""
		return false
	}
	s.attrs, s.selfClosing = s.rest[end:a.pos], a.slash
	s.rest = s.rest[a.pos+1:]
	return true
}

// declaration reads what begins with "<!" or "<?" and tells whether it is a
// doctype.
func (s *scanner) declaration() bool {
	const doctype = "<!doctype"
	switch {
	case strings.HasPrefix(s.rest, "<!--"):
		s.rest = s.rest[commentEnd(s.rest):]
	case len(s.rest) >= len(doctype) && lowerASCII(s.rest[:len(doctype)]) == doctype:
		rest := after(s.rest, ">")
		s.text = strings.TrimSuffix(s.rest[len(doctype):len(s.rest)-len(rest)], ">")
		s.rest = rest
		return true
	default:
		s.rest = after(s.rest, ">")
	}
	return false
}

// commentEnd gives the length of the comment that s begins with.
func commentEnd(s string) int {
	for _, abrupt := range []string{"<!-->", "<!--->"} {
		if strings.HasPrefix(s, abrupt) {
			return len(abrupt)
		}
	}
	for i := len("<!--"); ; {
		n := strings.Index(s[i:], "--")
		if n < 0 {
			return len(s)
		}
		i += n + len("--")
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, ">"):
			return i + 1
		case strings.HasPrefix(rest, "!>"):
			return i + 2
		}
		i-- // the second dash may be the first of the end
	}
}

// rawEnd finds the end tag of an element in which tags are no tags.
func rawEnd(s, name string) int {
	end := plainRawEnd(s, name)
	if name == "script" && strings.Contains(s[:end], "<!--") { // where an end tag may be none
		z := html.NewTokenizer(io.MultiReader(strings.NewReader("<script>"), strings.NewReader(s)))
		if z.Next(); z.Next() == html.TextToken {
			return len(z.Raw())
		}
	}
	return end
}

func plainRawEnd(s, name string) int {
	if name == "plaintext" {
		return len(s)
	}
	for i := 0; ; {
		n := strings.Index(s[i:], "</")
		if n < 0 {
			return len(s)
		}
		i += n
		end := i + len("</") + len(name)
		if end < len(s) && lowerASCII(s[i+2:end]) == name && (isSpace(s[end]) || s[end] == '/' || s[end] == '>') {
			return i
		}
		i += len("</")
	}
}

// after gives what follows the first sep, "" when there is none.
func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }

// attrCursor reads the attributes of a tag, up to the ">" that ends it.
type attrCursor struct {
	s          string
	pos        int
	slash      bool   // the last thing read was a "/" of its own
	key, value string // as they are written, without quotes
}

// next reads on; false at the end of the tag, where pos then is.
func (a *attrCursor) next() bool {
	for a.pos < len(a.s) && (isSpace(a.s[a.pos]) || a.s[a.pos] == '/') {
		a.slash = a.s[a.pos] == '/'
		a.pos++
	}
	if a.pos == len(a.s) || a.s[a.pos] == '>' {
		return false
	}
	a.slash = false
	from := a.pos
	for a.pos++; a.pos < len(a.s); a.pos++ { // a "=" in the first place is part of the name
		if c := a.s[a.pos]; isSpace(c) || c == '/' || c == '>' || c == '=' {
			break
		}
	}
	a.key, a.value = a.s[from:a.pos], ""
	a.space()
	if a.pos == len(a.s) || a.s[a.pos] != '=' {
		return true
	}
	a.pos++
	a.space()
	a.readValue()
	return true
}

func (a *attrCursor) readValue() {
	if a.pos == len(a.s) || a.s[a.pos] == '>' {
		return
	}
	if quote := a.s[a.pos]; quote == '"' || quote == '\'' {
		a.pos++
		n := strings.IndexByte(a.s[a.pos:], quote)
		if n < 0 {
			a.pos = len(a.s)
			return
		}
		a.value = a.s[a.pos : a.pos+n]
		a.pos += n + 1
		return
	}
	from := a.pos
	for a.pos < len(a.s) && !isSpace(a.s[a.pos]) && a.s[a.pos] != '>' {
		a.pos++
	}
	a.value = a.s[from:a.pos]
}

func (a *attrCursor) space() {
	for a.pos < len(a.s) && isSpace(a.s[a.pos]) {
		a.pos++
	}
}
