package message

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// TNEF is what Outlook packs a message into as "winmail.dat" ([MS-OXTNEF]). Its attachments are
// found in one pass over the decoded octets and become parts that are ranges of them; nothing is
// unpacked before somebody opens it.

const (
	tnefSignature = 0x223e9f78
	// maxTNEFDepth bounds the messages in messages, maxTNEFFiles the attachments, maxTNEFProps the octets of one block of properties that
	// are held, maxTNEFProp the number of properties in it.
	maxTNEFDepth = 5
	maxTNEFFiles = 500
	maxTNEFProps = 4 << 20
	maxTNEFProp  = 2000

	tnefRendData   = 0x00069002 // begins an attachment
	tnefTitle      = 0x00018010
	tnefData       = 0x0006800f
	tnefAttachment = 0x00069005 // properties of an attachment
	tnefProps      = 0x00069003 // properties of the message
	tnefBody       = 0x0002800c
	tnefCodepage   = 0x00069007

	mapiBodyRTF      = 0x1009
	mapiBodyHTML     = 0x1013
	mapiAttachData   = 0x3701
	mapiLongFilename = 0x3707
	mapiMIMETag      = 0x370e
	mapiContentID    = 0x3712
)

// isTNEF tells a part that says it is TNEF.
func (p *Part) isTNEF() bool {
	return p.Type == "application/ms-tnef" || p.Type == "application/vnd.ms-tnef" ||
		p.Type == "application/octet-stream" && strings.EqualFold(p.Filename, "winmail.dat")
}

// openTNEF lists the files in a TNEF part as its parts.
func (p *parser) openTNEF(part *Part) {
	r := tnefReader{r: bufio.NewReaderSize(part.Open(p.s.r), 4<<10), part: part}
	if !r.read() {
		p.defects.add("A winmail.dat could not be read to its end.")
	}
	for _, f := range r.files {
		if f.Size == 0 && f.Filename == "" || p.parts >= maxParts {
			continue
		}
		if f.Size == 0 { // an empty file: a range of nothing, at the end
			f.Encoding, f.HeaderOffset, f.BodyOffset = "", f.EndOffset, f.EndOffset
		}
		p.parts++
		if f.Type == "" {
			f.Type = typeByName(f.Filename)
		}
		part.add(f)
		if f.Encoding != "rtf" {
			part.Attachment = false // what is in it is listed instead
		}
	}
}

// tnefReader walks over the attributes.
type tnefReader struct {
	r        *bufio.Reader
	off      int64 // in the decoded octets
	part     *Part
	files    []*Part
	codepage string
	depth    int // of messages in messages
	err      error
}

// read walks to the end and tells whether it was one.
func (r *tnefReader) read() bool {
	head := r.bytes(6)
	if r.err != nil || binary.LittleEndian.Uint32(head) != tnefSignature {
		return false
	}
	for len(r.files) <= maxTNEFFiles {
		level := r.bytes(1)
		if r.err != nil {
			return r.err == io.EOF
		}
		head := r.bytes(8)
		if r.err != nil || level[0] != 1 && level[0] != 2 {
			return false
		}
		r.attribute(binary.LittleEndian.Uint32(head), int64(binary.LittleEndian.Uint32(head[4:])))
		r.skip(2) // the checksum: what is damaged is shown all the same
		if r.err != nil {
			return false
		}
	}
	return true
}

// attribute takes in one attribute of n octets.
func (r *tnefReader) attribute(id uint32, n int64) {
	switch id {
	case tnefRendData:
		r.begin()
		r.skip(n)
	case tnefCodepage:
		if b := r.upTo(n, 8); len(b) >= 4 {
			r.codepage = "cp" + strconv.Itoa(int(binary.LittleEndian.Uint32(b)))
		}
	case tnefTitle:
		name := r.upTo(n, 1000)
		if f := r.file(); f != nil && f.Filename == "" {
			name, _, _ = bytes.Cut(name, []byte{0})
			f.Filename = safeFilename(decodeRaw(r.codepage, name))
		}
	case tnefData:
		r.content(r.file(), r.off, n)
		r.skip(n)
	case tnefBody:
		f := r.begin()
		f.Filename, f.Type, f.Charset = "message.txt", "text/plain", r.codepage
		r.content(f, r.off, n)
		r.skip(n)
	case tnefAttachment, tnefProps:
		if n > maxTNEFProps || n > r.part.Size-r.off {
			r.skip(n)
			return
		}
		start := r.off
		if b := r.bytes(int(n)); r.err == nil {
			r.properties(b, start, id == tnefProps)
		}
	default:
		r.skip(n)
	}
}

// begin begins an attachment.
func (r *tnefReader) begin() *Part {
	f := &Part{Disposition: "attachment", Attachment: true, Encoding: r.part.Encoding,
		Wrap: r.part.Wrap, HeaderOffset: r.part.BodyOffset, BodyOffset: r.part.BodyOffset, EndOffset: r.part.EndOffset}
	r.files = append(r.files, f)
	return f
}

// content says where the octets of an attachment stand.
func (r *tnefReader) content(f *Part, off, n int64) {
	if f != nil && f.InnerSize == 0 {
		f.InnerOffset = off
		f.InnerSize = max(min(n, r.part.Size-off), 0)
		f.Size = f.InnerSize
	}
}

// enclosed lists the files of a message that is attached to this one, as TNEF that begins at off.
func (r *tnefReader) enclosed(tnef []byte, off int64) {
	if r.depth == maxTNEFDepth || len(r.files) > maxTNEFFiles {
		return
	}
	in := tnefReader{r: bufio.NewReader(bytes.NewReader(tnef)), off: off, part: r.part, codepage: r.codepage, depth: r.depth + 1}
	in.read()
	r.files = slices.Insert(r.files, len(r.files)-1, in.files...) // the attachment being read stays the last
}

// file is the attachment being read.
func (r *tnefReader) file() *Part {
	if len(r.files) == 0 {
		return nil
	}
	return r.files[len(r.files)-1]
}

// properties reads the MAPI properties of an attachment, or of the message: its HTML. start is
// where the block stands.
func (r *tnefReader) properties(b []byte, start int64, ofMessage bool) {
	p := mapiReader{b: b}
	for n := min(p.uint32(), maxTNEFProp); n > 0 && !p.bad; n-- {
		id, values := p.property()
		switch {
		case len(values) == 0:
		case !ofMessage && r.file() != nil:
			r.property(r.file(), id, values[0], start)
		case ofMessage && id == mapiBodyHTML:
			f := r.begin()
			f.Filename, f.Type, f.Charset = "message.html", "text/html", r.codepage
			r.content(f, start+int64(values[0].off), int64(len(values[0].data)))
		case ofMessage && id == mapiBodyRTF:
			r.rtf(start+int64(values[0].off), values[0].data)
		}
	}
}

// rtf takes in the message's text as compressed RTF, which stands at off. It is wrapped in the TNEF.
func (r *tnefReader) rtf(off int64, compressed []byte) {
	w := &Wrap{Encoding: r.part.Encoding, From: r.part.BodyOffset, To: r.part.EndOffset, Outer: r.part.Wrap}
	if _, ok := w.place(); !ok {
		return
	}
	f := r.begin()
	f.Filename, f.Type, f.Encoding, f.Wrap = "message.rtf", "application/rtf", "rtf", w
	f.HeaderOffset, f.BodyOffset, f.EndOffset = off, off, off+int64(len(compressed))
	dec := newDecoder(f.Encoding)
	var scratch []byte
	for piece := range slices.Chunk(compressed, 4<<10) {
		scratch = dec.decode(scratch[:0], piece)
		f.Size += int64(len(scratch))
	}
}

// property takes in one property of an attachment: its long name, its media type, its
// Content-ID, or its octets, where they are not an attribute of their own.
func (r *tnefReader) property(f *Part, id int, v mapiValue, start int64) {
	switch id {
	case mapiLongFilename:
		if name := safeFilename(r.text(v)); name != "" {
			f.Filename = name
		}
	case mapiMIMETag:
		if t := strings.ToLower(r.text(v)); strings.Count(t, "/") == 1 && isToken([]byte(strings.Replace(t, "/", "", 1))) {
			f.Type = clip(t, 100)
		}
	case mapiContentID:
		f.ContentID = contentID([]byte(r.text(v)))
		f.Inline = f.ContentID != ""
	case mapiAttachData:
		if v.object && len(v.data) > 16 {
			v.data, v.off = v.data[16:], v.off+16
		}
		if bytes.HasPrefix(v.data, binary.LittleEndian.AppendUint32(nil, tnefSignature)) {
			r.enclosed(v.data, start+int64(v.off))
		}
		r.content(f, start+int64(v.off), int64(len(v.data)))
	}
}

// text reads a string property: octets in the code page, or UTF-16.
func (r *tnefReader) text(v mapiValue) string {
	b := v.data
	if v.unicode {
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) >= 2; b = b[2:] {
			units = append(units, binary.LittleEndian.Uint16(b))
		}
		return strings.TrimRight(string(utf16.Decode(units)), "\x00")
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return decodeRaw(r.codepage, b)
}

// bytes reads n octets.
func (r *tnefReader) bytes(n int) []byte {
	b := make([]byte, n)
	if r.err == nil {
		var got int
		got, r.err = io.ReadFull(r.r, b)
		r.off += int64(got)
	}
	return b
}

// upTo reads the first limit octets of n and skips the others.
func (r *tnefReader) upTo(n, limit int64) []byte {
	b := r.bytes(int(min(n, limit)))
	r.skip(n - int64(len(b)))
	return b
}

func (r *tnefReader) skip(n int64) {
	if r.err == nil && n > 0 {
		var got int64
		got, r.err = io.CopyN(io.Discard, r.r, n)
		r.off += got
	}
}
