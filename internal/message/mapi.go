package message

import "encoding/binary"

// mapiReader reads a block of MAPI properties as TNEF stores them ([MS-OXTNEF] §2.1.3.4).
type mapiReader struct {
	b   []byte
	pos int  // of b in the block
	bad bool // the block does not hold what it says
}

// mapiValue is one value of a property with a variable length.
type mapiValue struct {
	data    []byte
	off     int // of data in the block
	unicode bool
	object  bool // data begins with the 16 octets of an interface identifier
}

func (m *mapiReader) take(n int) []byte {
	if n < 0 || n > len(m.b) {
		m.bad = true
		return nil
	}
	out := m.b[:n]
	m.b = m.b[n:]
	m.pos += n
	return out
}

func (m *mapiReader) uint32() int {
	b := m.take(4)
	if b == nil {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b))
}

// property reads one property. Only strings and octets have values here; others are passed over.
func (m *mapiReader) property() (id int, values []mapiValue) {
	tag := m.uint32()
	kind := tag & 0xffff
	id = tag >> 16
	multi := kind&0x1000 != 0
	kind &^= 0x1000
	if id >= 0x8000 {
		m.named()
	}
	n := 1
	switch kind {
	case 0x1e, 0x1f, 0x0d, 0x102: // string, UTF-16 string, object, octets
		n = m.uint32()
	default:
		if multi {
			n = m.uint32()
		}
	}
	for ; n > 0 && !m.bad; n-- {
		switch kind {
		case 0x1e, 0x1f, 0x0d, 0x102:
			size := m.uint32()
			off := m.pos
			data := m.take(size)
			m.pad(size)
			if !m.bad && len(values) < 10 {
				values = append(values, mapiValue{data, off, kind == 0x1f, kind == 0x0d})
			}
		case 0x01: // null
			return id, values
		case 0x02, 0x03, 0x04, 0x0a, 0x0b: // in four octets
			m.take(4)
		case 0x05, 0x06, 0x07, 0x14, 0x40: // in eight
			m.take(8)
		case 0x48: // a GUID
			m.take(16)
		default:
			m.bad = true
		}
	}
	return id, values
}

// named passes over the name of a named property.
func (m *mapiReader) named() {
	m.take(16)
	if kind := m.uint32(); kind == 0 {
		m.take(4)
		return
	}
	size := m.uint32()
	m.take(size)
	m.pad(size)
}

// pad passes over the octets that fill up to a multiple of four.
func (m *mapiReader) pad(size int) {
	if !m.bad {
		m.take(min((4-size%4)%4, len(m.b)))
	}
}
