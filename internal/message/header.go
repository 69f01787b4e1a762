package message

import (
	"bytes"
)

// header holds the fields of one header block that Postern reads, unfolded, in order.
type header []field

type field struct {
	name  string // lower case
	value []byte // unfolded and trimmed, not decoded
}

// get returns the first field of that name: of a field that stands twice, the first counts.
func (h header) get(name string) []byte {
	for i := range h {
		if h[i].name == name {
			return h[i].value
		}
	}
	return nil
}

// count is how many fields have that name.
func (h header) count(name string) (n int) {
	for i := range h {
		if h[i].name == name {
			n++
		}
	}
	return n
}

// all returns the fields of that name joined by commas, for address lists split over fields.
func (h header) all(name string) []byte {
	var first []byte
	joined := false
	for i := range h {
		switch {
		case h[i].name != name:
		case first == nil:
			first = h[i].value
		case len(h[i].value) > 0:
			if !joined {
				first, joined = bytes.Clone(first), true
			}
			first = append(append(first, ',', ' '), h[i].value...)
		}
	}
	return first
}

// keptFields are the fields that are read. All others are stepped over.
var keptFields = nameSet("from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date",
	"received", "message-id", "in-reply-to", "references", "list-id", "list-unsubscribe",
	"list-unsubscribe-post", "authentication-results", "content-type",
	"content-transfer-encoding", "content-disposition", "content-id", "content-location")

// commonFields tell a header line from text where a blank line is missing.
var commonFields = nameSet("return-path", "delivered-to", "mime-version", "content-description",
	"content-language", "content-length", "content-md5", "content-base", "content-class", "status",
	"x-mailer", "user-agent", "organization", "precedence", "lines", "list-post", "list-help",
	"list-subscribe", "list-archive", "errors-to", "envelope-to", "priority", "importance",
	"thread-topic", "thread-index", "resent-from", "resent-to", "resent-date", "dkim-signature",
	"domainkey-signature", "received-spf", "apparently-to", "mailing-list", "newsgroups",
	"disposition-notification-to", "return-receipt-to", "auto-submitted", "comments", "keywords")

func nameSet(names ...string) map[string]string {
	m := make(map[string]string, len(names))
	for _, n := range names {
		m[n] = n
	}
	return m
}

// glueable are the fields that are often empty and in whose values no field name can begin.
var glueable = map[string]bool{"to": true, "cc": true, "bcc": true, "reply-to": true, "sender": true,
	"in-reply-to": true, "references": true}

// headerEnd says what ended a header block.
type headerEnd int

const (
	endBlank    headerEnd = iota // the blank line, or the first line of a body without one
	endBoundary                  // a boundary of an open multipart
	endMessage                   // the end of the octets
)

// headerLook is how far ahead a header line that is none is judged.
const headerLook = 8 << 10

// headerReader collects one block.
type headerReader struct {
	p     *parser
	h     header
	text  []byte // the values of h, and behind them that of the field being read
	start int    // where the latter begins
	name  string // its name; "" when it is not kept
	any   bool   // a field has been seen, kept or not
	top   bool   // the block begins a message, not a part
}

// readHeader reads the block at the scanner's position. top tells that a message begins here. What it returns is valid
// until the next block is read, but for the first one of all.
func (p *parser) readHeader(top bool) (h header, end headerEnd, m match) {
	r := headerReader{p: p, top: top}
	if p.root == nil {
		r.h, r.text = make(header, 0, 16), make([]byte, 0, 1<<10)
	} else {
		r.h, r.text = p.block.h[:0], p.block.text[:0]
		defer func() { p.block.h, p.block.text = r.h, r.text }()
	}
	for {
		if p.s.end-p.s.pos < headerLook {
			p.s.peek(headerLook) // so that what follows the line is in the buffer
		}
		line, ok := p.s.next()
		if !ok {
			r.flush()
			return r.h, endMessage, match{}
		}
		if line.cont {
			r.append(line.text)
			continue
		}
		if m, ok := p.match(line.text); ok {
			r.flush()
			p.contentEnd = line.off
			return r.h, endBoundary, m
		}
		if r.line(line) {
			r.flush()
			return r.h, endBlank, match{}
		}
	}
}

// line takes one line in and tells whether it ended the block.
func (r *headerReader) line(line piece) (done bool) {
	text := line.text
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, nil)
		r.p.defects.add("There were NUL octets in the header; they were dropped.")
	}
	ahead := r.p.s.buf[r.p.s.pos:r.p.s.end]
	blank := len(bytes.TrimSpace(text)) == 0
	switch {
	case blank && !r.any && r.top:
		// QUIRK: empty lines before the header of a message.
		if !headersFollow(ahead, 20) {
			return true
		}
		r.p.defects.add("There were empty lines before the header; they were skipped.")
	case len(text) == 0:
		return true
	case blank:
		// QUIRK: a line of blanks is a continuation by RFC 5322 §4.2, and yet often the end.
		return !r.continues(ahead)
	case isBlank(text[0]):
		return r.folded(line, text)
	default:
		return r.unfolded(line, text, ahead)
	}
	return false
}

// folded takes in a line that begins with a blank.
func (r *headerReader) folded(line piece, text []byte) (done bool) {
	if r.any {
		r.append(text)
		return false
	}
	// QUIRK: the first line of the header is indented.
	trimmed := bytes.TrimLeft(text, " \t")
	if name, value, ok := splitField(trimmed); ok {
		r.p.defects.add("The header began with blanks; they were skipped.")
		r.begin(name, value)
		return false
	}
	return r.junk(line, r.p.s.buf[r.p.s.pos:r.p.s.end])
}

// unfolded takes in a line that begins in the first column.
func (r *headerReader) unfolded(line piece, text, ahead []byte) (done bool) {
	if name, value, ok := splitField(text); ok {
		r.begin(name, value)
		return false
	}
	if bytes.HasPrefix(text, []byte("From ")) || bytes.HasPrefix(text, []byte(">From ")) {
		if !r.any || headersFollow(ahead, 3) {
			r.flush()
			return false
		}
	}
	if r.continuesParameter(text) {
		// QUIRK: a folded line without its leading blank.
		r.p.defects.add("A folded header line did not begin with a blank; it was joined to the field before.")
		r.append(append([]byte{' '}, text...))
		return false
	}
	return r.junk(line, ahead)
}

// junk judges a line that belongs to no field: it is skipped when more header follows, else the
// body begins with it.
func (r *headerReader) junk(line piece, ahead []byte) (done bool) {
	if headersFollow(ahead, 8) || r.any && isOddField(line.text, ahead) {
		r.p.defects.add("A line among the header fields was none; it was skipped.")
		r.flush()
		r.any = true
		return false
	}
	if r.any {
		r.p.defects.add("There was no blank line between header and body.")
	}
	r.p.s.unread(line)
	return true
}

// isOddField tells a field with 8-bit octets in its name, before another field.
func isOddField(text, ahead []byte) bool {
	i := bytes.IndexByte(text, ':')
	if i <= 0 || i > 80 || bytes.IndexByte(text[:i], ' ') >= 0 {
		return false
	}
	next, _ := cutLine(ahead)
	_, _, ok := splitField(next)
	return ok
}

// continuesParameter tells whether text looks like the rest of the structured field before it.
func (r *headerReader) continuesParameter(text []byte) bool {
	if r.name != "content-type" && r.name != "content-disposition" {
		return false
	}
	if v := bytes.TrimSpace(r.text[r.start:]); len(v) > 0 && v[len(v)-1] == ';' {
		return true
	}
	i := bytes.IndexByte(text, '=')
	return i > 0 && i < 40 && isToken(bytes.TrimRight(text[:i], " \t*0123456789"))
}

// begin starts a field.
func (r *headerReader) begin(name, value []byte) {
	r.flush()
	r.any = true
	var lower [64]byte
	if len(name) > len(lower) {
		return
	}
	n := lower[:copy(lower[:], name)]
	toLower(n)
	kept, ok := keptFields[string(n)]
	if !ok || kept == "received" && r.h.get(kept) != nil {
		return
	}
	// QUIRK: empty fields glued on one line, "Bcc: Cc: Content-Type: text/plain".
	for glueable[kept] {
		inner, rest, ok := splitField(bytes.TrimLeft(value, " \t"))
		if !ok || len(inner) > len(lower) {
			break
		}
		n = lower[:copy(lower[:], inner)]
		toLower(n)
		name, ok := keptFields[string(n)]
		if !ok || name == kept || len(rest) > 0 && !isBlank(rest[0]) {
			break
		}
		kept, value = name, rest
	}
	r.name = kept
	r.start = len(r.text)
	r.append(value)
}

// append adds to the value of the field being read, as far as the limits allow.
func (r *headerReader) append(text []byte) {
	if r.name == "" {
		return
	}
	room := min(maxField-(len(r.text)-r.start), maxHeader-r.p.headerBytes)
	if len(text) > room {
		r.p.defects.add("A header field was too long; its end was left out.")
		text = text[:max(room, 0)]
	}
	r.p.headerBytes += len(text)
	r.text = append(r.text, text...)
}

// flush ends the field being read.
func (r *headerReader) flush() {
	if r.name != "" && len(r.h) < 1000 {
		r.h = append(r.h, field{r.name, bytes.TrimSpace(r.text[r.start:len(r.text):len(r.text)])})
	}
	r.name = ""
}

// splitField cuts "Name: value". ok is false for what cannot be a field of RFC 5322 §2.2.
func splitField(line []byte) (name, value []byte, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return nil, nil, false
	}
	name = bytes.TrimRight(line[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil, nil, false
		}
	}
	value = line[i+1:]
	if len(name) == 0 || bytes.HasPrefix(value, []byte("//")) {
		return nil, nil, false // https://example.com at the beginning of a text
	}
	return name, value, true
}

// headersFollow tells whether one of the next lines, up to a blank one, is a well-known field.
func headersFollow(ahead []byte, lines int) bool {
	blankBefore := true
	for ; lines > 0 && len(ahead) > 0; lines-- {
		var line []byte
		line, ahead = cutLine(ahead)
		trimmed := bytes.TrimLeft(line, " \t")
		if len(trimmed) == 0 {
			if blankBefore {
				continue
			}
			return false
		}
		blankBefore = false
		if knownField(trimmed) {
			return true
		}
	}
	return false
}

// continues tells whether the lines after a line of blanks still belong to the header: a field, or
// the rest of a folded one.
func (r *headerReader) continues(ahead []byte) bool {
	line, _ := cutLine(ahead)
	if len(line) > 0 && isBlank(line[0]) {
		return headersFollow(ahead, 30) || bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("=?"))
	}
	return knownField(line)
}

func knownField(line []byte) bool {
	name, _, ok := splitField(line)
	if !ok || len(name) > 64 {
		return false
	}
	var lower [64]byte
	n := lower[:copy(lower[:], name)]
	toLower(n)
	if keptFields[string(n)] != "" || commonFields[string(n)] != "" {
		return true
	}
	return bytes.HasPrefix(n, []byte("x-")) || bytes.HasPrefix(n, []byte("content-"))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func toLower(b []byte) {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}

// isToken tells whether b is a token of RFC 2045 §5.1.
func isToken(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte(`()<>@,;:\"/[]?=`), c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}
