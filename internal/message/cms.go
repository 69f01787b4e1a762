package message

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errCMS ends the reading of what is not, or no longer, a SignedData with content.
var errCMS = errors.New("not a CMS object with content")

// The object identifier of SignedData (RFC 5652 §5.1) in BER.
var oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// The identifier octets of BER (X.690 §8.1.2) that are met on the way to the content.
const (
	berInteger     = 0x02
	berOctets      = 0x04
	berOID         = 0x06
	berSequence    = 0x30
	berSet         = 0x31
	berOctetsParts = 0x24 // an octet string in parts, as programs write it that do not know its length
	berExplicit0   = 0xa0
	berEnd         = 0x00
)

// maxBERDepth is how deep octet strings may be nested.
const maxBERDepth = 8

// indefinite is the length of what ends with an end mark.
const indefinite = -1

// cmsReader reads the content of a SignedData. It looks at no signature. It keeps no more than one
// buffer, whatever the length of the content; what is no SignedData has no content.
type cmsReader struct {
	r     *bufio.Reader
	pos   int64   // octets read, as far as it matters
	open  []int64 // where the octet strings end that we are in, or indefinite
	begun bool    // one has been entered
	left  int64   // octets left of the primitive one
	err   error
}

func newCMSReader(r io.Reader) *cmsReader {
	c := &cmsReader{r: bufio.NewReaderSize(r, 8<<10)}
	c.err = c.enter()
	return c
}

// enter goes to the content: ContentInfo, SignedData, EncapsulatedContentInfo.
func (c *cmsReader) enter() error {
	for _, step := range []func() error{
		c.into(berSequence), c.signedData, c.into(berExplicit0), // ContentInfo: type, content
		c.into(berSequence), c.past(berInteger), c.past(berSet), // SignedData: version, digest algorithms
		c.into(berSequence), c.past(berOID), c.into(berExplicit0), // EncapsulatedContentInfo: type, content
		c.begin,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// header reads identifier and length octets.
func (c *cmsReader) header() (id byte, length int64, err error) {
	id, err = c.r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	first, err := c.r.ReadByte()
	c.pos += 2
	switch {
	case err != nil:
		return 0, 0, err
	case first == 0x80:
		return id, indefinite, nil
	case first < 0x80:
		return id, int64(first), nil
	case first > 0x88: // no file is that long
		return 0, 0, errCMS
	}
	for range first & 0x7f {
		b, err := c.r.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		c.pos++
		length = length<<8 | int64(b)
	}
	if length < 0 {
		return 0, 0, errCMS
	}
	return id, length, nil
}

// into is a step that enters an element.
func (c *cmsReader) into(want byte) func() error {
	return func() error {
		id, _, err := c.header()
		if err == nil && id != want {
			err = errCMS
		}
		return err
	}
}

// past is a step that passes over an element.
func (c *cmsReader) past(want byte) func() error { return func() error { return c.pass(want, 0) } }

// signedData passes over the type of the object, which must be SignedData.
func (c *cmsReader) signedData() error {
	id, n, err := c.header()
	if err != nil || id != berOID || n != int64(len(oidSignedData)) {
		return errCMS
	}
	got := make([]byte, n)
	if _, err := io.ReadFull(c.r, got); err != nil || !bytes.Equal(got, oidSignedData) {
		return errCMS
	}
	return nil
}

// pass passes over an element; want 0 is any.
func (c *cmsReader) pass(want byte, depth int) error {
	id, n, err := c.header()
	switch {
	case err != nil:
		return err
	case want != 0 && id != want || depth > maxBERDepth:
		return errCMS
	case n != indefinite:
		_, err = io.CopyN(io.Discard, c.r, n)
		return err
	}
	for {
		if next, err := c.r.Peek(2); err != nil || next[0] == berEnd && next[1] == 0 {
			_, discardErr := c.r.Discard(2)
			return errors.Join(err, discardErr)
		}
		if err := c.pass(0, depth+1); err != nil {
			return err
		}
	}
}

// begin enters the next primitive octet string; io.EOF after the last.
func (c *cmsReader) begin() error {
	for {
		for len(c.open) > 0 && c.open[len(c.open)-1] == c.pos {
			c.open = c.open[:len(c.open)-1]
		}
		if c.begun && len(c.open) == 0 {
			return io.EOF
		}
		c.begun = true
		id, n, err := c.header()
		switch {
		case err != nil:
			return err
		case id == berEnd && n == 0 && len(c.open) > 0 && c.open[len(c.open)-1] == indefinite:
			c.open = c.open[:len(c.open)-1]
		case id == berOctetsParts && len(c.open) < maxBERDepth:
			if n != indefinite {
				n += c.pos
			}
			c.open = append(c.open, n)
		case id == berOctets && n != indefinite:
			if c.left = n; n > 0 {
				return nil
			}
		default:
			return errCMS
		}
	}
}

// Read implements io.Reader. It has no errors but those of the octets: content that breaks off ends.
func (c *cmsReader) Read(b []byte) (int, error) {
	if c.err == nil && c.left == 0 {
		c.err = c.begin()
	}
	if c.err != nil {
		if errors.Is(c.err, errCMS) || errors.Is(c.err, io.ErrUnexpectedEOF) || errors.Is(c.err, io.EOF) {
			return 0, io.EOF
		}
		return 0, c.err
	}
	n, err := c.r.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	c.pos += int64(n)
	c.err = err
	return n, nil
}
