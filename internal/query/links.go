package query

// AppendLinks appends a number for each place where two units of text follow one another
// that are not both characters: of these AppendTerms has the pairs.
func AppendLinks(dst []uint64, text string) []uint64 {
	var l linker
	s := newScanner(text)
	for s.next() {
		dst = l.step(dst, s.class, s.unit())
	}
	return dst
}

// Links are the numbers that AppendLinks gives, among others, for every field that matches t.
// None: t says nothing of what follows what.
func (t Text) Links() (links []uint64) {
	p := compile(t)
	var l linker
	for i, u := range p.units {
		if !p.open(i) { // a word that may go on is not known
			links = l.step(links, u.class, []byte(u.text))
		}
	}
	return links
}

// linker puts each unit together with the one before it.
type linker struct {
	class class
	hash  uint64
}

// The numbers are FNV-1a (draft-eastlake-fnv, 64 bits). They are stored, and so can never change.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (l *linker) step(dst []uint64, c class, unit []byte) []uint64 {
	before := *l
	l.class, l.hash = c, fnvOffset
	for _, b := range unit {
		l.hash = (l.hash ^ uint64(b)) * fnvPrime
	}
	if before == (linker{}) || before.class == character && c == character {
		return dst
	}
	return append(dst, link(before.hash, l.hash))
}

func link(a, b uint64) uint64 {
	h := (a ^ b>>29 ^ b<<35) * fnvPrime
	return (h ^ h>>32) * fnvPrime
}
