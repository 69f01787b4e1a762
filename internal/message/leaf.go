package message

import (
	"bytes"
	"strings"
)

// decoder undoes a transfer encoding. It is fed in pieces of any size and its output does not
// depend on where they are cut. It has no errors: what is foreign is read around.
type decoder interface {
	// decode appends what src decodes to.
	decode(dst, src []byte) []byte
	// flush appends what was held back.
	flush(dst []byte) []byte
}

func newDecoder(encoding string) decoder {
	switch encoding {
	case "base64":
		return new(base64Decoder)
	case "quoted-printable":
		return new(qpDecoder)
	case "uuencode":
		return new(uuDecoder)
	case "yenc":
		return new(yencDecoder)
	case "rtf":
		return new(rtfDecoder)
	}
	return nil
}

// leafReader counts the decoded octets of one part while it passes by.
type leafReader struct {
	p    *parser
	dec  decoder
	size int64
	keep bool    // all that was decoded is in the parser's scratch
	eol  [3]byte // the line end before the current line, not yet counted: it may be a boundary's
	held int
}

func (l *leafReader) write(line piece) {
	l.count(l.eol[:l.held])
	l.count(line.text)
	l.held = copy(l.eol[:], line.eol)
}

func (l *leafReader) count(b []byte) {
	if l.dec == nil {
		l.size += int64(len(b))
		return
	}
	for len(b) > 0 {
		n := min(len(b), countPiece)
		l.decoded(l.dec.decode(l.room(), b[:n]))
		b = b[n:]
	}
}

// countPiece is how many octets are decoded at a time to count them.
const countPiece = 4 << 10

// room is where the next piece is decoded to: behind what is kept, as long as there is room.
func (l *leafReader) room() []byte {
	if !l.keep || len(l.p.scratch)+2*countPiece > cap(l.p.scratch) {
		l.keep, l.p.scratch = false, l.p.scratch[:0]
	}
	return l.p.scratch
}

// decoded takes in what room has become.
func (l *leafReader) decoded(b []byte) {
	l.size += int64(len(b) - len(l.p.scratch))
	l.p.scratch = b
}

// finish counts the last octets. atEnd: no boundary followed, so the last line end is content.
func (l *leafReader) finish(atEnd bool) int64 {
	if atEnd {
		l.count(l.eol[:l.held])
	}
	if l.dec != nil {
		l.decoded(l.dec.flush(l.room()))
	}
	return l.size
}

// leaf reads the body of a part that has no parts, up to the boundary that ends it.
func (p *parser) leaf(part *Part) (m match, ok bool) {
	l := leafReader{p: p, dec: newDecoder(part.Encoding), keep: strings.HasPrefix(part.Type, "text/")}
	p.scratch = p.scratch[:0]
	searchFiles := part.Encoding == "" && part.Type == "text/plain"
	stops := p.lineStarts(searchFiles)
	p.contentEnd = p.s.offset()
	for {
		line, plain := p.s.block(stops)
		if !plain {
			var more bool
			if line, more = p.s.next(); !more {
				break
			}
			if !line.cont {
				if m, ok = p.match(line.text); ok {
					break
				}
			}
		}
		l.write(line)
		p.contentEnd = line.off + int64(len(line.text))
		if searchFiles && !plain && !line.cont {
			if file := p.embeddedFile(line); file != nil {
				var more bool
				m, ok, more = p.embedded(part, file, &l)
				if ok || !more {
					break
				}
			}
		}
	}
	if !ok {
		p.contentEnd = p.s.offset()
	}
	part.EndOffset = p.contentEnd
	part.Size = l.finish(!ok)
	p.distrust(part, l.dec)
	if raw, known := p.s.r.(*layers); known && l.keep && part.Encoding != "" {
		raw.keep(part, p.scratch)
	}
	return m, ok
}

// lineStarts are the octets that a line has to begin with to be more than content: a boundary, or where files are searched
// for, the first line of one.
func (p *parser) lineStarts(searchFiles bool) *[256]bool {
	i := 0
	if len(p.inner) > 0 {
		i |= 1
	}
	if searchFiles {
		i |= 2
	}
	return &lineStarts[i]
}

var lineStarts = [4][256]bool{
	1: {'-': true},
	2: {'b': true, '=': true},
	3: {'-': true, 'b': true, '=': true},
}

// distrust takes a transfer encoding back that was declared but clearly never applied.
func (p *parser) distrust(part *Part, dec decoder) {
	if b, ok := dec.(*base64Decoder); ok && b.implausible() {
		p.defects.add("A part says that it is base64 but is not; it was left as it is.")
		part.Encoding = ""
		part.Size = part.EndOffset - part.BodyOffset
	}
}

// embeddedFile makes a part of a line that begins a file inside a text: "begin 644 name" of
// uuencode, "=ybegin line=128 size=9 name=x" of yEnc. nil when the line is none.
func (p *parser) embeddedFile(line piece) *Part {
	switch {
	case bytes.HasPrefix(line.text, []byte("begin ")):
		name, ok := uuBegin(line.text)
		if !ok {
			return nil
		}
		if next, _ := cutLine(p.s.peek(256)); !uuLine(next) {
			return nil
		}
		return &Part{Encoding: "uuencode", Filename: name, HeaderOffset: line.off}
	case bytes.HasPrefix(line.text, []byte("=ybegin ")):
		return &Part{Encoding: "yenc", Filename: yencName(line.text), HeaderOffset: line.off}
	}
	return nil
}

// embedded reads a file inside a text up to its last line, the boundary (ok) or the end (!more).
func (p *parser) embedded(text, file *Part, outer *leafReader) (m match, ok, more bool) {
	file.BodyOffset = p.s.offset()
	l := leafReader{p: p, dec: newDecoder(file.Encoding)}
	more = true
	for {
		var line piece
		if line, more = p.s.next(); !more {
			break
		}
		if !line.cont {
			if m, ok = p.match(line.text); ok {
				break
			}
		}
		outer.write(line)
		p.contentEnd = line.off + int64(len(line.text))
		l.write(line)
		if !line.cont && endsFile(file.Encoding, line.text) {
			break
		}
	}
	file.EndOffset = p.s.offset()
	if ok {
		file.EndOffset = p.contentEnd
	}
	file.Size = l.finish(!ok)
	file.Type = typeByName(file.Filename)
	file.Disposition = "attachment"
	if p.parts >= maxParts {
		p.defects.add("The message has too many parts; a file inside the text is not listed.")
		return m, ok, more
	}
	p.parts++
	name := []byte(file.Filename)
	file.Filename = ""
	p.setFilename(file, name)
	text.add(file)
	return m, ok, more
}

// endsFile tells the last line of a file inside a text.
func endsFile(encoding string, line []byte) bool {
	if encoding == "yenc" {
		return bytes.HasPrefix(line, []byte("=yend"))
	}
	return string(bytes.TrimRight(line, " \t")) == "end"
}
