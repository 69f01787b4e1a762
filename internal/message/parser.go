package message

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// parser builds the tree in one forward pass.
type parser struct {
	s       scanner
	defects defects
	root    *Part
	top     header // the header of the message itself

	// open lists every multipart and message that has not ended, outermost first; inner finds
	// the innermost one of a boundary, so that a line is judged in one look-up however deep.
	open  []level
	inner map[string]int

	contentEnd  int64 // where the content before the boundary just met ends, without its line end
	parts       int
	headerBytes int
	lookahead   int     // octets still allowed for guessing boundaries
	scratch     []byte  // what is decoded of a part
	decoding    *[]byte // the room for it, from the pool
	outside     int     // depth of what the octets are wrapped in
	block       struct {
		h    header
		text []byte
	} // room for the header of a part
	spare    *Part // one that was not needed
	rawNames []rawName
}

// level is an open multipart (boundary != "") or message/rfc822.
type level struct {
	part     *Part // takes in the children; beyond maxDepth that of a level further out
	own      bool  // part is this level's own
	boundary string
	outer    int // the index in open of the next level outwards with the same boundary, or -1
	digest   bool
	depth    int
}

// match is a boundary line of open[level].
type match struct {
	level int
	close bool
}

// rawName is a file name in unlabelled 8-bit octets, to be read when the charset of the text is
// known.
type rawName struct {
	part *Part
	name []byte
}

func newParser(raw io.ReaderAt, size int64) *parser {
	p := &parser{s: newScanner(raw, size), inner: map[string]int{}, lookahead: maxLookahead}
	p.decoding = scanBuffers.Get().(*[]byte)
	p.scratch = (*p.decoding)[:0]
	return p
}

func (p *parser) release() {
	p.s.release()
	scanBuffers.Put(p.decoding)
}

func (p *parser) err() error { return p.s.err }

// run reads the whole message.
func (p *parser) run() {
	m, ok := p.entity()
	for ok {
		p.closeAbove(m.level)
		if m.close {
			closed, end := p.open[m.level], p.s.textEnd
			p.pop(p.s.offset())
			m, ok = p.skip(end)
			if closed.own && len(closed.part.Parts) > 0 {
				closed.part.endAt(p.contentEnd) // what follows the last boundary belongs to it, too
			}
			continue
		}
		m, ok = p.entity()
	}
	for len(p.open) > 0 {
		if l := p.open[len(p.open)-1]; l.own && l.boundary != "" && len(l.part.Parts) > 0 {
			p.defects.add("A multipart had no closing boundary; all that came was kept.")
		}
		p.pop(p.contentEnd)
	}
}

// entity reads one header and its body up to the boundary that ends it. A multipart is read as
// far as its first boundary. ok is false at the end of the message.
func (p *parser) entity() (m match, ok bool) {
	for {
		if p.parts >= maxParts {
			return p.rest()
		}
		top := len(p.open) == 0 || p.open[len(p.open)-1].boundary == ""
		part := p.newPart()
		part.HeaderOffset = p.s.offset()
		h, end, m := p.readHeader(top)
		part.BodyOffset = p.s.offset()
		if p.root == nil {
			p.top = h
		}
		media := p.describe(part, h)
		if end != endBlank {
			if end == endMessage {
				p.contentEnd = p.s.offset()
			}
			part.BodyOffset = max(p.contentEnd, part.HeaderOffset)
			part.EndOffset = part.BodyOffset
			p.attach(part)
			return m, end == endBoundary
		}
		switch {
		case strings.HasPrefix(part.Type, "multipart/") && len(p.open) < maxOpen:
			if boundary := p.chooseBoundary(media.get("boundary")); boundary != "" {
				p.push(part, boundary)
				if p.missesFirstBoundary() {
					continue
				}
				return p.skip(p.s.offset())
			}
			p.defects.add("A multipart had no boundary; it was read as text.")
			part.Type = "text/plain"
		case isMessage(part.Type) && part.Encoding == "" && p.depth() < maxDepth:
			p.push(part, "")
			continue
		}
		p.attach(part)
		return p.leaf(part)
	}
}

// newPart returns an empty part.
func (p *parser) newPart() *Part {
	part := p.spare
	if part == nil {
		return new(Part)
	}
	p.spare = nil
	*part = Part{}
	return part
}

// isMessage tells whether a part of that type holds a whole message (RFC 2046 §5.2, RFC 6532).
func isMessage(mediaType string) bool {
	return mediaType == "message/rfc822" || mediaType == "message/global" || mediaType == "message/news"
}

// depth is that of the part that would be attached now.
func (p *parser) depth() int {
	if len(p.open) == 0 {
		return p.outside
	}
	return p.open[len(p.open)-1].depth + 1
}

// attach hangs part into the innermost open level and gives it its path.
func (p *parser) attach(part *Part) {
	p.parts++
	if len(p.open) == 0 {
		p.root = part
		if !strings.HasPrefix(part.Type, "multipart/") {
			part.Path = "1"
		}
		return
	}
	p.open[len(p.open)-1].part.add(part)
}

// add appends a child and gives it its path.
func (p *Part) add(child *Part) {
	p.Parts = append(p.Parts, child)
	child.Path = strconv.Itoa(len(p.Parts))
	if p.Path != "" {
		child.Path = p.Path + "." + child.Path
	}
}

// push opens part: a multipart, or a message when boundary is "".
func (p *parser) push(part *Part, boundary string) {
	l := level{part: part, own: true, boundary: boundary, outer: -1, depth: p.depth()}
	l.digest = part.Type == "multipart/digest"
	if l.depth >= maxDepth {
		// Too deep: what it holds is attached here, as if it were not there.
		p.defects.add("The parts are nested too deeply; the innermost ones are shown on one level.")
		outer := p.open[len(p.open)-1]
		l.part, l.own, l.depth = outer.part, false, outer.depth
		if n := len(p.rawNames); n == 0 || p.rawNames[n-1].part != part {
			p.spare = part
		}
	} else {
		p.attach(part)
	}
	if boundary != "" {
		if i, ok := p.inner[boundary]; ok {
			l.outer = i
		}
		p.inner[boundary] = len(p.open)
	}
	p.open = append(p.open, l)
}

// endAt ends a part that has parts.
func (p *Part) endAt(end int64) {
	p.EndOffset = max(end, p.BodyOffset)
	p.Size = p.EndOffset - p.BodyOffset
}

// pop ends the innermost level at offset end.
func (p *parser) pop(end int64) {
	last := len(p.open) - 1
	l := p.open[last]
	p.open = p.open[:last]
	if l.boundary != "" {
		if l.outer >= 0 {
			p.inner[l.boundary] = l.outer
		} else {
			delete(p.inner, l.boundary)
		}
	}
	if !l.own {
		return
	}
	l.part.endAt(end)
	if l.boundary != "" && len(l.part.Parts) == 0 {
		p.emptyMultipart(l.part)
	}
}

// emptyMultipart makes a multipart without parts a text, so that what it holds is seen.
func (p *parser) emptyMultipart(part *Part) {
	p.defects.add("A multipart had no parts; what it holds was read as text.")
	part.Type = "text/plain"
	if part == p.root {
		part.Path = "1"
	}
}

// closeAbove ends the levels inside open[i]. The boundary just met ended them.
func (p *parser) closeAbove(i int) {
	for len(p.open)-1 > i {
		if l := p.open[len(p.open)-1]; l.own && l.boundary != "" && len(l.part.Parts) > 0 {
			p.defects.add("A multipart had no closing boundary; all that came was kept.")
		}
		p.pop(p.contentEnd)
	}
}

// match tells whether a line is a boundary of an open multipart.
func (p *parser) match(line []byte) (m match, ok bool) {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' || len(p.inner) == 0 || len(line) > maxBoundary+64 {
		return match{}, false
	}
	p.s.steps += int64(len(line))
	b := line[2:]
	if i, ok := p.lookUp(b); ok {
		return match{level: i}, true
	}
	if b = bytes.TrimRight(b, " \t"); bytes.HasSuffix(b, []byte("--")) {
		if i, ok := p.lookUp(b[:len(b)-2]); ok {
			return match{level: i, close: true}, true
		}
	}
	// RFC 2046 §5.1.1: "an exact match of the entire candidate line is not required".
	if i := bytes.IndexAny(b, " \t"); i > 0 {
		if b = b[:i]; p.isOpen(b) {
			return match{level: p.inner[string(b)]}, true
		}
		if b, ok = bytes.CutSuffix(b, []byte("--")); ok && p.isOpen(b) {
			return match{level: p.inner[string(b)], close: true}, true
		}
	}
	return match{}, false
}

func (p *parser) isOpen(boundary []byte) bool {
	_, ok := p.inner[string(boundary)]
	return ok
}

// lookUp finds the innermost multipart of a boundary. QUIRK: a boundary may be declared with a
// blank at its end, against RFC 2046 §5.1.1; one that is not may have blanks behind it.
func (p *parser) lookUp(boundary []byte) (level int, ok bool) {
	if level, ok = p.inner[string(boundary)]; !ok {
		level, ok = p.inner[string(bytes.TrimRight(boundary, " \t"))]
	}
	return level, ok
}

// skip steps over a preamble or an epilogue to the next boundary. end is where it ends if it has no lines.
func (p *parser) skip(end int64) (m match, ok bool) {
	p.contentEnd = end
	for {
		line, more := p.s.next()
		if !more {
			p.contentEnd = p.s.offset()
			return match{}, false
		}
		if !line.cont {
			if m, ok := p.match(line.text); ok {
				return m, true
			}
		}
		p.contentEnd = line.off + int64(len(line.text))
	}
}

// rest makes all that is left of the message one attachment.
func (p *parser) rest() (match, bool) {
	p.defects.add("The message has too many parts; what follows was put into one attachment.")
	part := &Part{Type: "application/octet-stream", Attachment: true,
		HeaderOffset: p.s.offset(), BodyOffset: p.s.offset()}
	p.attach(part)
	for {
		if _, ok := p.s.next(); !ok {
			break
		}
	}
	p.contentEnd = p.s.offset()
	part.EndOffset = p.contentEnd
	part.Size = part.EndOffset - part.BodyOffset
	return match{}, false
}
