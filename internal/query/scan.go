package query

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a term, in bytes. A pair is two words and the mark between them.
const (
	maxWord = 64
	maxPair = 2*maxWord + len(pairMark)
	// maxAddress bounds a whole address; a longer one is indexed in pieces only.
	maxAddress = 254

	// MaxTerm is the length of the longest term.
	MaxTerm = maxAddress
)

// gap is what stands between a unit and the one before it.
type gap uint8

const (
	apart    gap = iota // blanks, several marks, or the start of the text
	joined              // one joining mark
	adjacent            // nothing
)

// scanner reads text as a row of units. It allocates nothing, and a copy of it
// is a bookmark.
type scanner struct {
	text string
	pos  int // octet after the last unit

	// The unit last read.
	class      class
	gap        gap
	mark       byte // the joining mark before it, when joined
	start, end int  // octets of text
	n          int
	cut        bool // buf is full: the rest of the word is left out
	buf        [maxWord]byte
	before     class // of the unit before it; separator at the start
}

func newScanner(text string) scanner { return scanner{text: text, class: separator} }

// unit is the folded text of the unit last read.
func (s *scanner) unit() []byte { return s.buf[:s.n] }

// next reads a unit and tells whether there was one.
func (s *scanner) next() bool {
	s.before = s.class
	s.gap, s.mark = adjacent, 0
	lineBreak := false
	for s.pos < len(s.text) {
		f, size := s.decode(s.pos)
		switch f.class {
		case ignored:
		case joiner:
			if s.gap == adjacent && !lineBreak {
				s.gap, s.mark = joined, byte(f.first)
			} else {
				s.gap = apart
			}
		case newline:
			if s.gap == adjacent && (!lineBreak || s.text[s.pos-1] == '\r') {
				lineBreak = true
			} else {
				s.gap = apart
			}
		case separator:
			s.gap = apart
		default:
			s.start = s.pos
			s.read(f, size)
			// A line break inside a run of characters is only where the line
			// was full; anywhere else it is a blank.
			if lineBreak && !(s.before == character && s.class == character) || s.before == separator {
				s.gap = apart
			}
			return true
		}
		s.pos += size
	}
	return false
}

// read takes the unit that begins with f, and the marks on it.
func (s *scanner) read(f *folded, size int) {
	s.class, s.n, s.cut = f.class, 0, false
	s.add(f)
	s.pos += size
	for s.pos < len(s.text) {
		f, size := s.decode(s.pos)
		switch {
		case f.class == ignored:
		case f.class == word && s.class == word:
			s.add(f)
		default:
			s.end = s.pos
			return
		}
		s.pos += size
	}
	s.end = s.pos
}

// add appends what f folds to. The first thing that does not fit whole ends
// the word, so that shorter runes behind it do not slip in.
func (s *scanner) add(f *folded) {
	if s.cut = s.cut || s.n+utf8.RuneLen(f.first)+len(f.rest) > maxWord; s.cut {
		return
	}
	s.n += utf8.EncodeRune(s.buf[s.n:], f.first)
	s.n += copy(s.buf[s.n:], f.rest)
}

// decode folds the rune at i and returns the octets it takes.
func (s *scanner) decode(i int) (*folded, int) {
	if c := s.text[i]; c < utf8.RuneSelf {
		return fold(rune(c)), 1
	}
	r, size := utf8.DecodeRuneInString(s.text[i:])
	if composed, n := compose(r, s.text[i+size:]); n > 0 {
		return fold(composed), size + n
	}
	return fold(r), size
}

// compose joins r with a following mark or Jamo where leaving it out would make
// another letter: voiced Kana, Hangul in pieces, Cyrillic short i. It returns
// zero octets when there is nothing to join.
func compose(r rune, rest string) (rune, int) {
	if rest == "" || rest[0] < utf8.RuneSelf {
		return 0, 0
	}
	switch {
	case 0x3041 <= r && r <= 0x30ff || 0xff66 <= r && r <= 0xff9d:
		mark, n := utf8.DecodeRuneInString(rest)
		switch mark {
		case 0x3099, 0xff9e:
			return composePair(r, 0x3099, n)
		case 0x309a, 0xff9f:
			return composePair(r, 0x309a, n)
		}
	case r == 'и' || r == 'И':
		if mark, n := utf8.DecodeRuneInString(rest); mark == 0x306 {
			return composePair(r, mark, n)
		}
	case 0x1100 <= r && r <= 0x1112:
		return composeSyllable(r, rest)
	}
	return 0, 0
}

// composePair composes base and mark, which takes n octets in the text.
func composePair(base, mark rune, n int) (rune, int) {
	var buf [16]byte
	pair := utf8.AppendRune(utf8.AppendRune(buf[:0], base), mark)
	var out [16]byte
	composed, size := utf8.DecodeRune(norm.NFKC.Append(out[:0], pair...))
	if composed == base || size == 0 {
		return 0, 0
	}
	return composed, n
}

// composeSyllable composes conjoining Jamo (Unicode section 3.12).
func composeSyllable(lead rune, rest string) (rune, int) {
	vowel, n := utf8.DecodeRuneInString(rest)
	if vowel < 0x1161 || vowel > 0x1175 {
		return 0, 0
	}
	syllable := 0xac00 + ((lead-0x1100)*21+(vowel-0x1161))*28
	if tail, size := utf8.DecodeRuneInString(rest[n:]); 0x11a8 <= tail && tail <= 0x11c2 {
		return syllable + tail - 0x11a7, n + size
	}
	return syllable, n
}
