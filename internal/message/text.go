package message

import (
	"bytes"
	"html"
	"io"
	"slices"
	"strings"
)

// Text returns a text part in UTF-8 with "\n" line ends: its transfer encoding undone, its charset
// converted, format=flowed unwrapped (RFC 3676), files that stand uuencoded in it left out. Not
// more than limit decoded octets are read.
func (p *Part) Text(raw io.ReaderAt, limit int64) string {
	b := p.octets(raw, limit)
	if !strings.Contains(p.Charset, "16") && !strings.Contains(p.Charset, "32") {
		b = unixEnds(b) // a line end is one octet or two in every other charset
	}
	s := cleanText(p.inUTF8(raw, b))
	if p.Flowed {
		s = unflow(s, p.DelSp)
	}
	return s
}

// octets returns the decoded octets of a text without the files in it.
func (p *Part) octets(raw io.ReaderAt, limit int64) []byte {
	if len(p.Parts) == 0 || strings.HasPrefix(p.Type, "multipart/") {
		return p.decoded(raw, limit)
	}
	var out []byte
	from := p.BodyOffset
	for _, file := range append(p.Parts[:len(p.Parts):len(p.Parts)], &Part{HeaderOffset: p.EndOffset, EndOffset: p.EndOffset}) {
		r := io.LimitReader(openBody(p.source(raw), p.Encoding, from, file.HeaderOffset), limit-int64(len(out)))
		b, _ := io.ReadAll(r)
		out = append(out, b...)
		from = file.EndOffset
	}
	return out
}

// decoded returns the decoded octets of a part, not more than limit. An error of the reader leaves what came: the text is
// for reading.
func (p *Part) decoded(raw io.ReaderAt, limit int64) []byte {
	if l, ok := raw.(*layers); ok {
		if b := l.take(p); b != nil {
			return b[:min(int64(len(b)), limit)]
		}
	}
	dec := newDecoder(p.Encoding)
	if dec == nil || p.InnerSize > 0 {
		b := make([]byte, min(limit, max(p.Size, 0)))
		n, _ := io.ReadFull(p.Open(raw), b)
		return b[:n]
	}
	held := scanBuffers.Get().(*[]byte)
	defer scanBuffers.Put(held)
	r := io.NewSectionReader(p.source(raw), p.BodyOffset, max(p.EndOffset-p.BodyOffset, 0))
	out := make([]byte, 0, min(limit+scanBuffer, max(p.Size, 0)))
	for int64(len(out)) < limit {
		n, err := io.ReadFull(r, (*held)[:min(scanBuffer, 4*(limit-int64(len(out))))])
		out = dec.decode(out, (*held)[:n])
		if err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				out = dec.flush(out)
			}
			break
		}
	}
	return out[:min(int64(len(out)), limit)]
}

// label is the charset to read the part's octets in: the declared one, or, of HTML that comes
// without, the one it names itself.
func (p *Part) label(b []byte) string {
	if p.Charset == "" && p.Type == "text/html" {
		return metaCharset(b)
	}
	return p.Charset
}

// inUTF8 converts the octets of a text, and notes when they cannot be what they are said to be.
func (p *Part) inUTF8(raw io.ReaderAt, b []byte) string {
	s, other := decodeDeclared(p.label(b), b)
	if l, ok := raw.(*layers); ok && other {
		l.mislabelled = true
	}
	return s
}

// html returns an HTML part in UTF-8, as sent.
func (p *Part) html(raw io.ReaderAt, limit int64) string {
	l := layered(raw)
	if l.page.part == p && l.page.limit == limit {
		return l.page.html
	}
	b := p.octets(raw, limit)
	l.page = page{p, limit, strings.ReplaceAll(p.inUTF8(raw, b), "\x00", "")}
	return l.page.html
}

// unixEnds makes the line ends of b "\n", in place: CRLF, CR CR LF and bare CR.
func unixEnds(b []byte) []byte {
	i := bytes.IndexByte(b, '\r')
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		if b[i] == '\r' {
			switch {
			case i+1 < len(b) && b[i+1] == '\n':
				i++
			case i+2 < len(b) && b[i+1] == '\r' && b[i+2] == '\n':
				i += 2
			}
			out = append(out, '\n')
			i++
			continue
		}
		end := bytes.IndexByte(b[i:], '\r')
		if end < 0 {
			end = len(b) - i
		}
		out = append(out, b[i:i+end]...)
		i += end
	}
	return out
}

// cleanText makes line ends "\n" and drops control characters.
func cleanText(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case r == '\r':
			if i+1 < len(s) && (s[i+1] == '\n' || s[i+1] == '\r' && i+2 < len(s) && s[i+2] == '\n') {
				continue
			}
			b.WriteByte('\n')
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f, r == 0xfeff:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isClean tells that a text holds nothing that cleanText drops.
func isClean(s string) bool {
	for i := printable(s); i < len(s); i += 1 + printable(s[i+1:]) {
		switch c := s[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7f, c == 0xef && strings.HasPrefix(s[i:], "\ufeff"):
			return false
		}
	}
	return true
}

// section is a stretch of the message as it is read: the same content as text, as HTML, or both.
type section struct {
	plain, html []*Part
	message     *Part // an enclosed message
	machine     bool  // a report for programs: text, but no part of the HTML
}

// sections lists what is shown of a part, in order.
func (p *Part) sections() []section {
	switch {
	case p == nil:
		return nil
	case isMessage(p.Type):
		return []section{{message: p}}
	case p.Type == "multipart/alternative":
		return alternatives(p.Parts)
	case strings.HasPrefix(p.Type, "multipart/"), isSMIME(p.Type):
		var out []section
		for _, child := range p.Parts {
			out = append(out, child.sections()...)
		}
		return out
	case p.isReport() && p.Disposition != "attachment":
		return []section{{plain: []*Part{p}, machine: true}}
	case !p.isBody():
		return nil
	case p.Type == "text/html":
		return []section{{html: []*Part{p}}}
	}
	return []section{{plain: []*Part{p}}}
}

// alternatives joins the versions of one content (RFC 2046 §5.1.4) into one section.
func alternatives(parts []*Part) []section {
	var joined section
	var out []section
	for _, child := range parts {
		var plain, marked []*Part
		for _, s := range child.sections() {
			if s.message != nil || s.machine {
				out = append(out, s)
				continue
			}
			plain = append(plain, s.plain...)
			marked = append(marked, s.html...)
		}
		if child.Type != "text/plain" && child.isBody() && len(marked) == 0 && len(joined.plain) > 0 {
			continue // text/enriched beside text/plain
		}
		joined.plain = append(joined.plain, plain...)
		joined.html = append(joined.html, marked...)
	}
	if len(joined.plain)+len(joined.html) > 0 {
		out = append([]section{joined}, out...)
	}
	return out
}

// BodyText returns the message as a person reads it, like [Message.Text], from a stored tree.
func BodyText(root *Part, raw io.ReaderAt) string {
	w := textWriter{raw: layered(raw), left: maxText}
	w.sections(root.sections(), true)
	return strings.Join(w.out, "")
}

// textWriter joins the texts of a message.
type textWriter struct {
	raw  io.ReaderAt
	out  []string
	left int
}

func (w *textWriter) sections(list []section, enclosed bool) {
	for _, s := range list {
		if s.message != nil {
			if enclosed {
				w.message(s.message)
			}
			continue
		}
		if !w.parts(s.plain) {
			w.parts(s.html)
		}
	}
}

// parts writes the texts of parts and tells whether there was anything to read.
func (w *textWriter) parts(list []*Part) (any bool) {
	for _, p := range list {
		if w.left <= 0 {
			return any
		}
		t := p.readable(w.raw, int64(w.left))
		if strings.TrimSpace(t) != "" {
			any = true
			w.write(t)
		}
	}
	return any
}

// write adds a text, a blank line apart from what stands there.
func (w *textWriter) write(t string) {
	if len(w.out) > 0 {
		w.add("\n")
	}
	w.add(t)
	if !strings.HasSuffix(t, "\n") {
		w.add("\n")
	}
}

// add adds as much of t as there is room for.
func (w *textWriter) add(t string) {
	if len(t) > w.left {
		t = clip(t, w.left)
		w.left = len(t)
	}
	w.left -= len(t)
	w.out = append(w.out, t)
}

// message writes an enclosed message: who, when, what, and its text.
func (w *textWriter) message(p *Part) {
	if len(p.Parts) == 0 {
		return
	}
	inner := p.Parts[0]
	w.write("---------- Enclosed message ----------\n" + messageHead(w.raw, inner))
	w.sections(inner.sections(), true)
}

// messageHead says of an enclosed message who wrote it to whom, when and about what.
func messageHead(raw io.ReaderAt, inner *Part) string {
	h := readHeader(inner.Header(raw))
	e := h.envelope(inner.Charset, &defects{})
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	line("From", addressLine(e.From))
	line("To", addressLine(e.To))
	if !e.Date.IsZero() {
		line("Date", e.Date.Format("Mon, 2 Jan 2006 15:04 -0700"))
	}
	line("Subject", e.Subject)
	return b.String()
}

// addressLine writes addresses for reading.
func addressLine(list []Address) string {
	var b strings.Builder
	for i, a := range list[:min(len(list), 20)] {
		if i > 0 {
			b.WriteString(", ")
		}
		switch {
		case a.Name == "":
			b.WriteString(a.Address)
		case a.Address == "":
			b.WriteString(a.Name)
		default:
			b.WriteString(a.Name + " <" + a.Address + ">")
		}
	}
	return b.String()
}

// readable returns a part as plain text.
func (p *Part) readable(raw io.ReaderAt, limit int64) string {
	switch p.Type {
	case "text/html":
		return TextFromHTML(p.html(raw, limit))
	case "text/enriched", "text/richtext":
		return stripMarkup(p.Text(raw, limit))
	}
	return p.Text(raw, limit)
}

// AttachedText returns the text of a text file that is attached, as a person reads it. Not more
// than limit of its octets are read. ok is false for what is no text file, or is shown as part of
// the message's own text.
func (p *Part) AttachedText(raw io.ReaderAt, limit int64) (text string, ok bool) {
	file := *p
	file.Type = p.MediaType()
	if p.isBody() || !strings.HasPrefix(file.Type, "text/") || file.Type == "text/rtf" {
		return "", false
	}
	return file.readable(raw, limit), true
}

// BodyHTML returns the HTML of the message, like [Message.HTML], from a stored tree. A message in
// several texts, only some of them HTML, gives them all: the others as preformatted text. So do
// enclosed messages, but for the one that a delivery report returns.
func BodyHTML(root *Part, raw io.ReaderAt) (string, bool) {
	return bodyHTML(root, raw, "")
}

// bodyHTML is BodyHTML for those who may know the message's text already.
func bodyHTML(root *Part, raw io.ReaderAt, text string) (string, bool) {
	list := root.sections()
	report := root != nil && root.Type == "multipart/report"
	if !hasHTML(list, !report) {
		if text != "" && !looksLikeHTML(text) {
			return "", false
		}
		return mislabelledHTML(list, raw)
	}
	w := htmlWriter{raw: layered(raw)}
	if len(list) == 1 && len(list[0].html) == 1 {
		return clip(list[0].html[0].html(w.raw, w.left()), maxText), true
	}
	w.sections(list, !report)
	return clip(w.out.String(), maxText), true
}

// hasHTML tells whether any of the sections is there as HTML.
func hasHTML(list []section, enclosed bool) bool {
	for _, s := range list {
		if len(s.html) > 0 {
			return true
		}
		if s.message != nil && enclosed && len(s.message.Parts) > 0 && hasHTML(s.message.Parts[0].sections(), true) {
			return true
		}
	}
	return false
}

// htmlWriter joins the HTML of a message.
type htmlWriter struct {
	raw io.ReaderAt
	out strings.Builder
}

func (w *htmlWriter) left() int64 { return int64(max(maxText-w.out.Len(), 0)) }

func (w *htmlWriter) sections(list []section, enclosed bool) {
	for _, s := range list {
		switch {
		case w.left() == 0:
			return
		case s.message != nil:
			if enclosed && len(s.message.Parts) > 0 {
				inner := s.message.Parts[0]
				w.out.WriteString("\n<hr>")
				w.preformatted(messageHead(w.raw, inner))
				w.sections(inner.sections(), true)
			}
		case len(s.html) > 0:
			for _, p := range s.html {
				w.out.WriteString(p.html(w.raw, w.left()))
			}
		case !s.machine:
			for _, p := range s.plain {
				w.preformatted(p.Text(w.raw, w.left()))
			}
		}
	}
}

// preformatted writes plain text.
func (w *htmlWriter) preformatted(t string) {
	if t = strings.TrimSpace(t); t != "" {
		w.out.WriteString("\n<pre style=\"white-space: pre-wrap\">" + html.EscapeString(t) + "</pre>\n")
	}
}

// mislabelledHTML returns the only text of a message when it is an HTML document all the same.
// QUIRK: HTML sent as text/plain. It stays the text too, since that is what was sent.
func mislabelledHTML(list []section, raw io.ReaderAt) (string, bool) {
	if len(list) != 1 || len(list[0].plain) != 1 || list[0].machine {
		return "", false
	}
	p := list[0].plain[0]
	if p.Type != "text/plain" {
		return "", false
	}
	if start := p.octets(raw, 512); bytes.IndexByte(start, '<') < 0 || !looksLikeHTML(p.Text(raw, 512)) {
		return "", false
	}
	return clip(p.Text(raw, maxText), maxText), true
}

// ownText is the text of the message without those enclosed in it: what a snippet is made of.
func ownText(m *Message, raw io.ReaderAt) string {
	list := m.Root.sections()
	own := slices.DeleteFunc(slices.Clone(list), func(s section) bool { return s.message != nil || s.machine })
	if m.HasHTML && len(own) == 1 && len(own[0].html) == 0 && looksLikeHTML(m.Text) {
		return TextFromHTML(m.HTML)
	}
	if len(own) < len(list) {
		w := textWriter{raw: raw, left: 64 << 10}
		if w.sections(own, false); len(w.out) > 0 {
			return strings.Join(w.out, "")
		}
	}
	return m.Text
}

// readHeader reads a header block again.
func readHeader(block *io.SectionReader) header {
	p := newParser(block, block.Size())
	defer p.release()
	h, _, _ := p.readHeader(true)
	return h
}
