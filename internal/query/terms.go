package query

import (
	"strings"
	"unicode/utf8"
)

// pairMark stands between the words of a pair, whatever mark joined them.
const pairMark = "·"

// Terms cuts text into index terms, in the order of the text, with repeats.
func Terms(text string) []string {
	return strings.Fields(string(AppendTerms(nil, text)))
}

// AppendTerms appends the terms of text to dst, each followed by a blank. It
// allocates only what dst needs to grow.
func AppendTerms(dst []byte, text string) []byte {
	var (
		s       = newScanner(text)
		address = addressReader{}
		last    [maxWord]byte // the unit before
		n       int
	)
	for s.next() {
		if s.before == character {
			if s.class == character && s.gap == adjacent {
				dst = append(dst, last[:n]...)
				dst = appendTerm(dst, s.unit())
			} else {
				dst = appendTerm(dst, last[:n])
			}
		}
		if s.class != character {
			dst = appendTerm(dst, s.unit())
		}
		if s.before == word && s.class == word && s.gap == joined {
			dst = append(dst, last[:n]...)
			dst = append(dst, pairMark...)
			dst = appendTerm(dst, s.unit())
		}
		dst = address.step(dst, &s)
		n = copy(last[:], s.unit())
	}
	if s.class == character {
		dst = appendTerm(dst, last[:n])
	}
	return address.finish(dst)
}

func appendTerm(dst, term []byte) []byte {
	dst = append(dst, term...)
	return append(dst, ' ')
}

// Marks inside the two halves of an address. The local part may hold more
// (RFC 5322 section 3.2.3); what people's addresses hold is told apart from
// what stands around them in running text.
const (
	localMarks  = "._+-'&"
	domainMarks = ".-"
)

// addressReader follows the row of units and notices whole addresses: words
// joined by localMarks, '@', words joined by domainMarks with at least one dot.
type addressReader struct {
	buf      [maxAddress]byte
	n        int
	words    int // units in buf
	inDomain bool
	dotted   bool
	broken   bool // too long
}

// step takes the unit last read and appends the address it ends, if any.
func (a *addressReader) step(dst []byte, s *scanner) []byte {
	follows := s.class == word && s.gap == joined && a.words > 0
	switch {
	case follows && !a.inDomain && s.mark == '@':
		a.inDomain = true
	case follows && !a.inDomain && strings.IndexByte(localMarks, s.mark) >= 0:
	case follows && a.inDomain && strings.IndexByte(domainMarks, s.mark) >= 0:
		a.dotted = a.dotted || s.mark == '.'
	default:
		dst = a.finish(dst)
		if s.class == word && !s.insideAddress() {
			a.write(0, s.unit())
		}
		return dst
	}
	a.write(s.mark, s.unit())
	return dst
}

// insideAddress tells whether the unit last read cannot be the first of an
// address, because it hangs on a word before it.
func (s *scanner) insideAddress() bool {
	return s.before == word && s.gap == joined && (s.mark == '@' || strings.IndexByte(localMarks, s.mark) >= 0)
}

// finish appends the address read so far, if it is one, and starts anew.
func (a *addressReader) finish(dst []byte) []byte {
	if a.whole() {
		dst = appendTerm(dst, a.buf[:a.n])
	}
	a.n, a.words, a.inDomain, a.dotted, a.broken = 0, 0, false, false, false
	return dst
}

func (a *addressReader) whole() bool { return a.inDomain && a.dotted && !a.broken }

// write appends a mark in its full-width form and a word.
func (a *addressReader) write(mark byte, unit []byte) {
	a.words++
	if a.broken || a.n+utf8.UTFMax+len(unit) > len(a.buf) {
		a.broken = true
		return
	}
	if mark != 0 {
		a.n += utf8.EncodeRune(a.buf[a.n:], rune(mark)+0xfee0)
	}
	a.n += copy(a.buf[a.n:], unit)
}
