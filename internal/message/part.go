package message

import (
	"io"
	"strings"
)

// Find returns the part of that path, or nil.
func (p *Part) Find(path string) *Part {
	if p == nil || p.Path == path {
		return p
	}
	for _, child := range p.Parts {
		if child.Path == path || strings.HasPrefix(path, child.Path+".") {
			return child.Find(path)
		}
	}
	return nil
}

// Attachments returns the parts that are listed for the reader, in order of appearance. What an
// enclosed message holds is its own; the message itself is listed.
func (p *Part) Attachments() []*Part {
	var out []*Part
	p.walk(func(part *Part) bool {
		if part.Attachment {
			out = append(out, part)
		}
		return !isMessage(part.Type) || part == p
	})
	return out
}

// walk calls f for p and, where f returns true, for the parts in it.
func (p *Part) walk(f func(*Part) bool) {
	if p == nil || !f(p) {
		return
	}
	for _, child := range p.Parts {
		child.walk(f)
	}
}

// Name is a name to show and to save the part under: its file name, or one made of its type.
func (p *Part) Name() string {
	if p.Filename != "" {
		return p.Filename
	}
	ext := extensionOf(p.Type)
	kind, _, _ := strings.Cut(p.Type, "/")
	if p.Path == "" {
		return kind + ext
	}
	return kind + "-" + p.Path + ext
}

// MediaType is the type to treat the part as: Type, or, where that only says "octets", what the
// file name promises.
func (p *Part) MediaType() string {
	switch p.Type {
	case "application/octet-stream", "application/x-octet-stream", "application/unknown", "application/binary":
		return typeByName(p.Filename)
	}
	return p.Type
}

// Header returns the octets of the part's header, with the blank line.
func (p *Part) Header(raw io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(p.source(raw), p.HeaderOffset, p.BodyOffset-p.HeaderOffset)
}

// Open returns the decoded octets of the part. Content never makes it fail; the errors of the
// reader are those of raw.
func (p *Part) Open(raw io.ReaderAt) io.Reader {
	r := openBody(p.source(raw), p.Encoding, p.BodyOffset, p.EndOffset)
	if p.InnerSize > 0 {
		return &innerReader{r: r, skip: p.InnerOffset, left: p.InnerSize}
	}
	return r
}

func openBody(raw io.ReaderAt, encoding string, from, to int64) io.Reader {
	section := io.NewSectionReader(raw, from, max(to-from, 0))
	dec := newDecoder(encoding)
	if dec == nil {
		return section
	}
	return &decodingReader{r: section, dec: dec, size: max(to-from, 1)}
}

// decodingReader turns a decoder into an io.Reader.
type decodingReader struct {
	r    io.Reader
	dec  decoder
	size int64 // of the encoded octets
	src  []byte
	out  []byte // decoded, not yet read
	dst  []byte
	err  error
	done bool
}

func (d *decodingReader) Read(b []byte) (int, error) {
	if d.src == nil {
		d.src = make([]byte, min(d.size, 8<<10))
		d.dst = make([]byte, 0, len(d.src))
	}
	for len(d.out) == 0 {
		if d.err != nil {
			if d.done {
				return 0, d.err
			}
			d.done = true
			if d.err == io.EOF {
				d.out = d.dec.flush(d.dst[:0])
			}
			continue
		}
		var n int
		n, d.err = d.r.Read(d.src)
		d.dst = d.dec.decode(d.dst[:0], d.src[:n])
		d.out = d.dst
	}
	n := copy(b, d.out)
	d.out = d.out[n:]
	return n, nil
}

// innerReader reads a range of the decoded octets.
type innerReader struct {
	r          io.Reader
	skip, left int64
}

func (i *innerReader) Read(b []byte) (int, error) {
	if i.skip > 0 {
		n, err := io.CopyN(io.Discard, i.r, i.skip)
		if i.skip -= n; err != nil {
			return 0, err
		}
	}
	if i.left <= 0 {
		return 0, io.EOF
	}
	n, err := i.r.Read(b[:min(int64(len(b)), i.left)])
	i.left -= int64(n)
	return n, err
}
