package message

import (
	"bytes"
	"strings"
)

// parseAddresses reads an address list (RFC 5322 §3.4). Encoded words are decoded, in quotes too;
// raw octets are read in the charset fallback.
//
// QUIRK: names with unquoted specials, blanks inside the brackets, addresses without "@", missing
// commas, brackets and quotes, names in comments, groups: see the tests.
func parseAddresses(raw []byte, fallback string) []Address {
	var out []Address
	l := addressList{b: raw}
	for len(out) < maxAddresses {
		e, ok := l.next()
		if !ok {
			break
		}
		if a, ok := e.address(fallback); ok {
			out = append(out, a)
		}
	}
	return out
}

// maxBracket is how far a closing bracket is looked for.
const maxBracket = 2000

// addressList cuts a list into entries, each at most one address.
type addressList struct {
	b []byte
	i int
	// Nothing closes these any more from here on: they are characters like others.
	noQuote, noComment, noAngle, noGroup bool
	group                                bool
}

// entry is the raw material of one address.
type entry struct {
	phrase  []byte // before the bracket; quotes removed
	quoted  bool   // some of the phrase was quoted
	angle   []byte // in the bracket
	hasAddr bool   // there was a bracket
	comment []byte // the first one
	named   []byte // phrase with the comments in it: the name where there is a bracket
	cut     int    // how much of phrase is in named
}

// next collects one entry: up to a comma, a semicolon, or past a closed bracket that a new phrase
// follows. ok is false at the end.
func (l *addressList) next() (e entry, ok bool) {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case c == ',' || c == ';' || c == '\r' || c == '\n':
			l.i++
			if c == ';' && l.group {
				l.group = false
				l.skipComment() // it is the group's, not a name
			}
			if !e.empty() && !(c == ',' && l.nameGoesOn(e)) {
				return e, true
			}
			if !e.empty() {
				e.phrase = append(e.phrase, ',')
			}
		case c == '"' && !l.noQuote:
			l.quoted(&e)
		case c == '(' && !l.noComment:
			l.commented(&e)
		case c == '<' && !l.noAngle:
			if e.hasAddr && len(e.angle) > 0 {
				return e, true // QUIRK: a comma is missing
			}
			l.angled(&e)
		case c == '>':
			l.i++
		case c == ':' && l.beginsGroup(e):
			l.i++
			l.group = true
			e = entry{}
		default:
			if e.hasAddr && !isBlank(c) {
				return e, true
			}
			l.plain(&e)
		}
	}
	return e, !e.empty()
}

func (e entry) empty() bool {
	return !e.hasAddr && len(bytes.TrimSpace(e.phrase)) == 0 && !e.quoted && len(e.comment) == 0
}

// ordinary is how many characters of b mean nothing by themselves.
func ordinary(b []byte) int {
	for i, c := range b {
		switch c {
		case ',', ';', ':', '\r', '\n', '"', '(', '<', '>', '=':
			return i
		}
	}
	return len(b)
}

// skipComment skips a comment, and blanks before it.
func (l *addressList) skipComment() {
	i := l.i
	for i < len(l.b) && isBlank(l.b[i]) {
		i++
	}
	if i == len(l.b) || l.b[i] != '(' {
		return
	}
	if end := commentEnd(l.b, i); end > 0 {
		l.i = end
	}
}

// plain takes one character with those that mean as little, or an encoded word as a whole.
func (l *addressList) plain(e *entry) {
	if bytes.HasPrefix(l.b[l.i:], []byte("=?")) {
		if _, n, ok := readWord(l.b[l.i:]); ok {
			e.phrase = append(e.phrase, l.b[l.i:l.i+n]...)
			l.i += n
			return
		}
	}
	if e.phrase == nil {
		e.phrase = make([]byte, 0, 40)
	}
	n := 1
	if !e.hasAddr {
		n += ordinary(l.b[l.i+1:])
	}
	e.phrase = append(e.phrase, l.b[l.i:l.i+n]...)
	l.i += n
}

// quoted takes a quoted string.
func (l *addressList) quoted(e *entry) {
	start := l.i + 1
	var out []byte
	for j := start; j < len(l.b); j++ {
		switch c := l.b[j]; {
		case c == '\\' && j+1 < len(l.b):
			j++
			out = append(out, l.b[j])
		case c == '"':
			if bytes.Contains(out, []byte(">,")) {
				l.i = start // QUIRK: this quote closes nothing, it opens the next name
				return
			}
			l.i = j + 1
			if l.i < len(l.b) && l.b[l.i] == '@' {
				out = l.b[start-1 : l.i] // a quoted local part keeps its quotes
			}
			e.quoted = true
			e.phrase = append(e.phrase, out...)
			return
		default:
			out = append(out, c)
		}
	}
	l.noQuote = true
	l.i = start
}

// commented takes a comment: a name, when there is no other.
func (l *addressList) commented(e *entry) {
	end := commentEnd(l.b, l.i)
	if end < 0 {
		l.noComment = true
		return
	}
	text := unescape(l.b[l.i+1 : end-1])
	if len(e.comment) == 0 {
		e.comment = text
	}
	if !e.hasAddr {
		e.named = append(append(append(append(e.named, bytes.TrimRight(e.phrase[e.cut:], " \t")...), " ("...), text...), ")"...)
		e.cut = len(e.phrase)
	}
	l.i = end
}

// angled takes "<address>". QUIRK: doubled and missing brackets.
func (l *addressList) angled(e *entry) {
	for l.i < len(l.b) && l.b[l.i] == '<' {
		l.i++
	}
	rest := clipBytes(l.b[l.i:], maxBracket)
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		l.noAngle = true
		end = len(rest)
		if comma := bytes.IndexAny(rest, ",;"); comma >= 0 {
			end = comma
		}
	} else if again := bytes.IndexByte(rest[:end], '<'); again >= 0 {
		// "<a@b, Name <c@d>": this bracket was never closed.
		if comma := bytes.IndexByte(rest[:again], ','); comma >= 0 {
			end = comma
		} else {
			e.phrase = append(e.phrase, rest[:again]...)
			l.i += again
			return
		}
	}
	e.hasAddr = true
	e.angle = rest[:end]
	l.i += end
	if l.i < len(l.b) && l.b[l.i] == '>' {
		l.i++
	}
}

// nameGoesOn judges a comma after a phrase without an address: "Doe, Jane <jane@example.com>"
// is one name, if a bracket follows before the next comma.
func (l *addressList) nameGoesOn(e entry) bool {
	if e.hasAddr || e.quoted || bytes.IndexByte(e.phrase, '@') >= 0 || len(e.comment) > 0 || len(e.phrase) > 200 {
		return false
	}
	rest := l.b[l.i:min(len(l.b), l.i+200)]
	i := bytes.IndexAny(rest, ",;<@\"")
	return i >= 0 && rest[i] == '<' && len(bytes.TrimSpace(rest[:i])) > 0
}

// beginsGroup judges a colon: "Friends: a@example.com, b@example.com;". Without a semicolon to end
// it, it is a character of the name.
func (l *addressList) beginsGroup(e entry) bool {
	if l.group || l.noGroup || e.hasAddr || len(bytes.TrimSpace(e.phrase)) == 0 || bytes.IndexByte(e.phrase, '@') >= 0 {
		return false
	}
	l.noGroup = bytes.IndexByte(l.b[l.i:], ';') < 0
	return !l.noGroup
}

// address makes sense of an entry.
func (e entry) address(fallback string) (Address, bool) {
	a := Address{Name: decodeHeader(e.phrase, fallback)}
	if e.hasAddr {
		if a.Name != "" && len(e.named) > 0 {
			a.Name = decodeHeader(append(e.named, e.phrase[e.cut:]...), fallback)
		}
		a.Address = cleanAddress(e.angle, fallback)
		if a.Name == "" {
			a.Name = decodeHeader(e.comment, fallback)
		}
		if a.Address == "" && strings.Contains(a.Name, "@") && !strings.Contains(a.Name, " ") {
			a.Name, a.Address = "", a.Name
		}
		return a, (a.Name != "" || a.Address != "") && !isUndisclosed(a.Address)
	}
	text := a.Name
	a.Name = decodeHeader(e.comment, fallback)
	switch {
	case text == "":
		return a, a.Name != ""
	case strings.Contains(text, "<") && strings.Contains(text, "@") && bytes.Contains(e.phrase, []byte("=?")) && !strings.Contains(text, "=?"):
		// QUIRK: the whole mailbox stands in one encoded word.
		if inner := parseAddresses([]byte(text), fallback); len(inner) > 0 {
			return inner[0], true
		}
	case !strings.Contains(text, " "), strings.HasPrefix(text, `"`) && strings.Contains(text, `"@`):
		a.Address = strings.TrimPrefix(text, "mailto:")
		return a, true
	}
	return bareAddress(text, a.Name), true
}

// isUndisclosed tells a placeholder for "nobody": <Undisclosed-Recipient:@host;>.
func isUndisclosed(address string) bool {
	return len(address) > 11 && strings.EqualFold(address[:11], "undisclosed") && strings.Contains(address, ":")
}

// bareAddress finds the address in "Name name@example.com" and "a @ example.com".
func bareAddress(text, comment string) Address {
	words := joinDots(strings.Fields(text))
	for i := len(words) - 1; i >= 0; i-- {
		w := strings.Trim(words[i], "[]()\"'")
		if at := strings.IndexByte(w, '@'); at > 0 && at < len(w)-1 {
			rest := strings.Join(append(words[:i:i], words[i+1:]...), " ")
			if rest == "" {
				rest = comment
			}
			return Address{Name: rest, Address: w}
		}
	}
	if squeezed := strings.Join(words, ""); strings.Count(squeezed, "@") == 1 && strings.Contains(text, "@") {
		return Address{Name: comment, Address: squeezed}
	}
	return Address{Name: text}
}

// joinDots joins the words of "jane@example . com" (RFC 5322 §4.4).
func joinDots(words []string) []string {
	out := words[:0:0]
	for _, w := range words {
		if n := len(out); n > 0 && strings.Contains(out[n-1], "@") && (strings.HasPrefix(w, ".") || strings.HasSuffix(out[n-1], ".")) {
			out[n-1] += w
			continue
		}
		out = append(out, w)
	}
	return out
}

// withoutComments drops the comments in an address: "pete(his account)@example.com".
func withoutComments(b []byte) []byte {
	if bytes.IndexByte(b, '(') < 0 || bytes.IndexByte(b, '"') >= 0 {
		return b
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '(' {
			end := commentEnd(b, i)
			if end < 0 {
				return append(out, b[i:]...)
			}
			i = end - 1
			continue
		}
		out = append(out, b[i])
	}
	return out
}

// cleanAddress cleans what stood in the brackets: blanks, a route (RFC 5322 §4.4), "mailto:".
func cleanAddress(b []byte, fallback string) string {
	s := decodeHeader(withoutComments(b), fallback)
	if strings.HasPrefix(s, "@") {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	s = strings.TrimPrefix(s, "mailto:")
	if !strings.Contains(s, `"`) {
		s = strings.Join(strings.Fields(s), "")
	}
	return clip(strings.Trim(s, " '"), 1000)
}

func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		out = append(out, b[i])
	}
	return out
}
