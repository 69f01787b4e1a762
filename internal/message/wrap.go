package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// Wrap says in what a part lies that has no place of its own in the raw message: its offsets count
// octets of what the wrap holds. There are two kinds: a message or a multipart with a transfer
// encoding, and content that is signed in one piece with its signature (RFC 8551 §3.5.2).
type Wrap struct {
	Encoding string `json:"e,omitempty"`
	From     int64  `json:"b"` // the encoded octets, in the raw message or in Outer
	To       int64  `json:"x"`
	Signed   bool   `json:"s,omitempty"` // the decoded octets are a SignedData of CMS
	Outer    *Wrap  `json:"w,omitempty"`
}

const (
	// maxWraps is how many wraps may be around a part.
	maxWraps = 3
	// maxWrapped is how many parts may lie in a wrap: to open one, all before it is decoded.
	maxWrapped = 200
)

// place is what two equal wraps have in common; ok is false when there are too many around it.
func (w *Wrap) place() (at [maxWraps][2]int64, ok bool) {
	for n := 0; w != nil; n, w = n+1, w.Outer {
		if n == maxWraps {
			return at, false
		}
		at[n] = [2]int64{w.From, w.To}
	}
	return at, true
}

// layers is a raw message and what has been opened in it, so that parts that are read one after the
// other are decoded in one pass.
type layers struct {
	io.ReaderAt
	open map[[maxWraps][2]int64]io.ReaderAt
	page page             // the HTML read last: it is wanted as text, as it is, and for the snippet
	kept map[*Part][]byte // short texts that were decoded to count their octets, until they are asked for

	mislabelled bool // a text was read in another charset than it declares
}

// page is the HTML of a part, read up to a limit of octets.
type page struct {
	part  *Part
	limit int64
	html  string
}

func layered(raw io.ReaderAt) *layers {
	if l, ok := raw.(*layers); ok {
		return l
	}
	return &layers{ReaderAt: raw}
}

// keep remembers the decoded octets of a part, for as many parts as mail has that people write.
func (l *layers) keep(p *Part, decoded []byte) {
	if l.kept == nil {
		l.kept = map[*Part][]byte{}
	}
	if len(l.kept) < 4 {
		l.kept[p] = bytes.Clone(decoded)
	}
}

// take returns what was kept of a part, once: it is the caller's then. nil: nothing was.
func (l *layers) take(p *Part) []byte {
	b := l.kept[p]
	delete(l.kept, p)
	return b
}

// source is where the offsets of the part count: the raw message, or what the part is wrapped in.
func (p *Part) source(raw io.ReaderAt) io.ReaderAt {
	if p.Wrap == nil {
		return raw
	}
	return layered(raw).in(p.Wrap)
}

// in opens a wrap. The octets of a wrap that nobody can have made are those of the message.
func (l *layers) in(w *Wrap) io.ReaderAt {
	if w == nil {
		return l.ReaderAt
	}
	at, ok := w.place()
	if !ok {
		return l.ReaderAt
	}
	if l.open == nil {
		l.open = map[[maxWraps][2]int64]io.ReaderAt{}
	}
	if l.open[at] == nil {
		l.open[at] = &unwrapped{wrap: w, raw: l.in(w.Outer)}
	}
	return l.open[at]
}

// unwrapped reads what a wrap holds, going forward; it begins anew when it is asked to go back.
type unwrapped struct {
	wrap *Wrap
	raw  io.ReaderAt
	r    io.Reader // nil: at the beginning
	off  int64
}

// ReadAt implements io.ReaderAt, for one caller at a time.
func (u *unwrapped) ReadAt(b []byte, off int64) (int, error) {
	if u.r == nil || off < u.off {
		u.r, u.off = u.wrap.reader(u.raw), 0
	}
	n, err := io.CopyN(io.Discard, u.r, off-u.off)
	if u.off += n; err != nil {
		return 0, err
	}
	got, err := io.ReadFull(u.r, b)
	u.off += int64(got)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return got, err
}

func (w *Wrap) reader(raw io.ReaderAt) io.Reader {
	r := openBody(raw, w.Encoding, w.From, w.To)
	if w.Signed {
		return newCMSReader(r)
	}
	return r
}

// unwrap reads what is wrapped in the parts of a tree and hangs it into them. What cannot be read
// stays as it is.
func (p *parser) unwrap(root *Part) {
	root.walk(func(part *Part) bool {
		w := &Wrap{Encoding: part.Encoding, From: part.BodyOffset, To: part.EndOffset, Outer: part.Wrap}
		switch {
		case len(part.Parts) > 0:
			return true
		case isSMIME(part.Type):
			w.Signed = true
		case !isMessage(part.Type) || part.Encoding == "":
			return true
		}
		depth := strings.Count(part.Path, ".") + 1
		if _, ok := w.place(); ok && depth < maxDepth-1 {
			p.graft(part, w, depth)
		}
		return false
	})
}

// graft parses what a wrap holds and makes it the content of part.
func (p *parser) graft(part *Part, w *Wrap, depth int) {
	inner := newParser(layered(p.s.r).in(w), part.Size)
	defer inner.release()
	inner.outside = depth
	before := max(p.parts, maxParts-maxWrapped)
	inner.parts, inner.headerBytes, inner.lookahead = before, p.headerBytes, p.lookahead
	inner.run()
	if inner.err() != nil || inner.root == nil || inner.root.EndOffset == inner.root.HeaderOffset {
		return
	}
	part.add(inner.root)
	inner.root.walk(func(in *Part) bool {
		in.Wrap = w
		in.renumber()
		return true
	})
	p.parts += inner.parts - before
	p.headerBytes, p.lookahead = inner.headerBytes, inner.lookahead
	p.rawNames = append(p.rawNames, inner.rawNames...)
	for _, d := range inner.defects.list {
		p.defects.add(d)
	}
	p.unwrap(inner.root)
}

// renumber gives the parts in p the paths that follow from its own.
func (p *Part) renumber() {
	parts := p.Parts
	p.Parts = nil
	for _, child := range parts {
		p.add(child)
	}
}

// isSMIME tells the types of a CMS object (RFC 8551 §3.2).
func isSMIME(mediaType string) bool {
	return mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime"
}
