package query

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Word is an index term to look up.
type Word struct {
	Term   string
	Prefix bool // any term that begins with Term
}

// pattern is a Text leaf ready for comparing: its units in order.
type pattern struct {
	units  []patternUnit
	prefix bool
}

type patternUnit struct {
	class   class
	gap     gap
	mark    byte
	text    string
	address string // the whole address that begins here, as a term
	words   int    // how many units it has
}

// compile reads the units of t.
func compile(t Text) pattern {
	p := pattern{prefix: t.Prefix}
	s := newScanner(t.Raw)
	var a addressReader
	var buf []byte
	note := func(words int) {
		if len(buf) > 0 {
			first := &p.units[len(p.units)-words]
			first.address, first.words = string(buf[:len(buf)-1]), words
		}
	}
	for s.next() {
		words := a.words
		buf = a.step(buf[:0], &s)
		note(words)
		p.units = append(p.units, patternUnit{class: s.class, gap: s.gap, mark: s.mark, text: string(s.unit())})
	}
	if !p.prefix { // an address that goes on is not whole
		words := a.words
		buf = a.finish(buf[:0])
		note(words)
	}
	return p
}

// maxWords bounds what one leaf looks up; the words of a long phrase beyond it
// are left to Match.
const maxWords = 32

// Words gives index terms that every field matching t contains. A field that
// contains them all matches t when Exact says so; otherwise Match has to look
// at the text. No words: t matches nothing.
func (t Text) Words() []Word { return compile(t).words() }

// Exact tells whether a field with all of t's Words always matches t.
func (t Text) Exact() bool { return compile(t).exact() }

func (p pattern) words() []Word {
	var out []Word
	add := func(w Word) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for i := 0; i < len(p.units) && len(out) < maxWords; i++ {
		u := p.units[i]
		switch {
		case p.pairs(i):
			mark := ""
			if u.class == word {
				mark = pairMark
			}
			add(Word{p.units[i-1].text + mark + u.text, u.class == word && p.open(i)})
		case u.address == "" && p.pairs(i+1): // covered by the pair that follows
		case len(p.units) > 1 && p.short(i): // opens too much; left to Match
		case u.address == "":
			add(Word{u.text, u.class == character || p.open(i)})
		}
		if u.address != "" {
			add(Word{u.address, false})
			i += u.words - 1
		}
	}
	return out
}

// pairs tells whether the units before i and at i are one term in the index.
func (p pattern) pairs(i int) bool {
	if i <= 0 || i >= len(p.units) {
		return false
	}
	u, before := p.units[i], p.units[i-1]
	return u.class == before.class &&
		(u.class == word && u.gap == joined || u.class == character && u.gap == adjacent)
}

// open tells whether the unit at i may go on.
func (p pattern) open(i int) bool { return p.prefix && i == len(p.units)-1 && p.units[i].class == word }

// short tells whether the unit at i is one letter that may go on: nearly every text
// has such a word.
func (p pattern) short(i int) bool {
	return p.open(i) && !p.pairs(i) && utf8.RuneCountInString(p.units[i].text) == 1
}

// Short tells whether t is one letter that may go on ("a*"). Looking it up everywhere
// would take as long as the index is large.
func (t Text) Short() bool {
	p := compile(t)
	return len(p.units) == 1 && p.short(0)
}

func (p pattern) exact() bool {
	switch len(p.units) {
	case 0, 1:
		return true
	case 2:
		return p.pairs(1)
	default:
		return p.units[0].words == len(p.units)
	}
}

// Match tells whether one of the fields t looks at contains t. text gives the text of
// a field; it is asked for one after the other, until one matches.
func (t Text) Match(text func(Field) string) bool {
	p := compile(t)
	for _, f := range t.Field.Parts() {
		if p.in(text(f)) {
			return true
		}
	}
	return false
}

func (p pattern) in(text string) bool {
	if len(p.units) == 0 {
		return false
	}
	if p.units[0].words == 0 && isASCII(text) {
		return p.inASCII(text)
	}
	return p.inAny(text)
}

func (p pattern) inAny(text string) bool {
	s := newScanner(text)
	for s.next() {
		if _, ok := p.at(&s); ok {
			return true
		}
	}
	return false
}

// inASCII is in for a text of ASCII and a pattern that does not begin with an address:
// it looks only at the words that begin as the pattern does, without reading those
// before them.
func (p pattern) inASCII(text string) bool {
	first := p.units[0].text
	if p.units[0].class != word {
		return false
	}
	for i := 0; i+len(first) <= len(text); i++ {
		if asciiFold[text[i]] != first[0] || i > 0 && asciiFold[text[i-1]] != 0 {
			continue
		}
		s := newScanner(text)
		s.pos = i
		s.next()
		if _, ok := p.at(&s); ok {
			return true
		}
	}
	return false
}

// asciiFold is what the octets of ASCII words fold to; 0: the octet is in no word.
var asciiFold = func() (fold [256]byte) {
	for c := range utf8.RuneSelf {
		if f := foldASCII(rune(c)); f.class == word {
			fold[c] = byte(f.first)
		}
	}
	return fold
}()

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// at tells whether the pattern matches from the unit that s has just read, and
// where in the text the match ends. It leaves s where it is.
func (p pattern) at(s *scanner) (end int, ok bool) {
	if !p.same(0, s) { // most often: before the copy below is made
		return 0, false
	}
	t := *s
	addressEnd := 0
	for i, u := range p.units {
		if i > 0 && (!t.next() || !p.same(i, &t) || !u.follows(&t, i < addressEnd)) {
			return 0, false
		}
		if u.words > 0 {
			if t.insideAddress() {
				return 0, false
			}
			addressEnd = i + u.words
		}
		if i+1 == addressEnd && goesOn(t) {
			return 0, false
		}
	}
	return t.end, true
}

// same compares the unit at i with the one s has just read.
func (p pattern) same(i int, s *scanner) bool {
	u := &p.units[i]
	if s.class != u.class {
		return false
	}
	if p.open(i) {
		return bytes.HasPrefix(s.unit(), []byte(u.text))
	}
	return string(s.unit()) == u.text
}

// follows compares what stands before the unit. Inside an address the mark counts.
func (u patternUnit) follows(s *scanner, inAddress bool) bool {
	switch u.gap {
	case joined:
		return s.gap == joined && (!inAddress || s.mark == u.mark)
	case adjacent:
		return s.gap == adjacent
	default:
		return true
	}
}

// goesOn tells whether the domain that ends with the unit s has read has more
// words. s is a copy.
func goesOn(s scanner) bool {
	return s.next() && s.class == word && s.gap == joined && strings.IndexByte(domainMarks, s.mark) >= 0
}

// Span is a piece of text, in byte offsets.
type Span struct{ Start, End int }

// Highlight returns where the text that q looks for (not what it excludes)
// stands in text: sorted, not overlapping, on rune boundaries. With fields
// given, only what q looks for in those fields, or in any, counts.
func (q Query) Highlight(text string, fields ...Field) []Span {
	patterns := q.positive(fields)
	if len(patterns) == 0 {
		return nil
	}
	var spans []Span
	s := newScanner(text)
	for s.next() {
		for _, p := range patterns {
			end, ok := p.at(&s)
			if !ok {
				continue
			}
			if n := len(spans); n > 0 && s.start <= spans[n-1].End { // starts only grow
				spans[n-1].End = max(spans[n-1].End, end)
			} else {
				spans = append(spans, Span{s.start, end})
			}
		}
	}
	return spans
}

// First returns where the text that q looks for first stands in text; see Highlight.
func (q Query) First(text string, fields ...Field) (hit Span, ok bool) {
	patterns := q.positive(fields)
	if len(patterns) == 0 {
		return hit, false
	}
	s := newScanner(text)
	for s.next() {
		for _, p := range patterns {
			if end, ok := p.at(&s); ok {
				return Span{s.start, end}, true
			}
		}
	}
	return hit, false
}

// Wanted returns the texts that q looks for, not what it excludes.
func (q Query) Wanted() []Text { return wanted(nil, q.Root) }

func wanted(dst []Text, n Node) []Text {
	switch n := n.(type) {
	case And:
		for _, part := range n {
			dst = wanted(dst, part)
		}
	case Or:
		for _, part := range n {
			dst = wanted(dst, part)
		}
	case Text:
		dst = append(dst, n)
	}
	return dst
}

// positive collects the patterns of the texts that q looks for in the fields.
func (q Query) positive(fields []Field) (dst []pattern) {
	for _, t := range q.Wanted() {
		if len(fields) > 0 && !t.shownIn(fields) {
			continue
		}
		if p := compile(t); len(p.units) > 0 {
			dst = append(dst, p)
		}
	}
	return dst
}

// shownIn tells whether t looks at what one of the fields shows. Cc and Bcc are shown
// among the recipients.
func (t Text) shownIn(fields []Field) bool {
	parts := t.Field.Parts()
	if t.Field == Cc || t.Field == Bcc {
		parts = append(parts, Recipient)
	}
	return slices.ContainsFunc(parts, func(f Field) bool { return slices.Contains(fields, f) })
}
