package query

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/internal/i18n"
)

// Bounds of a search. Beyond them it finds nothing, and a hint says so.
const (
	maxSource = 4 << 10 // octets
	maxLeaves = 64      // words and filters
	maxUnits  = 128     // words or characters of one phrase
	maxDepth  = 16      // nested parentheses
	maxHints  = 8
)

// Parse reads a search as typed. Relative dates count from now, and dates are
// days in now's location.
//
// Blanks mean AND; OR, "|" and braces ("{a b}") mean OR, which binds tighter than
// AND, as in Gmail; "-" and NOT exclude; parentheses group; quotes make a
// phrase; "*" at the end of a word leaves it open. Full-width and typographic
// forms of all these marks are read as the marks.
//
// Parse never fails and never widens a search it cannot read: a filter with an
// unreadable value finds Nothing, an unknown operator is searched for as text,
// and Hints says which.
func Parse(source string, now time.Time) Query {
	q := Query{Source: source}
	if len(source) > maxSource {
		q.Root = Nothing{}
		q.Hints = []Hint{{Text: i18n.Say("The search is longer than %d characters; it finds nothing.", maxSource)}}
		return q
	}
	p := parser{src: source, now: now}
	q.Root = p.list(Any, 0)
	switch {
	case !p.overflow.IsZero():
		q.Root = Nothing{}
		p.hints = []Hint{{Text: p.overflow}}
	case q.Root == nil && strings.TrimFunc(source, isBlank) != "":
		q.Root = Nothing{}
		if len(p.hints) == 0 {
			p.hint("There is nothing to search for in %s; it finds nothing.", quoted(source))
		}
	}
	q.Hints = p.hints
	return q
}

// AsYouType leaves the last word open, as if it ended in "*", when the source
// ends with it: for results that follow the typing. What names no field is then looked
// for in the head of a message, which answers at once.
func (q Query) AsYouType() Query {
	q.Root = inHead(q.Root)
	end, _ := utf8.DecodeLastRuneInString(q.Source)
	if !unicode.In(end, unicode.L, unicode.N, unicode.M) {
		return q
	}
	switch root := q.Root.(type) {
	case Text:
		q.Root = root.opened()
	case And:
		if last, ok := root[len(root)-1].(Text); ok {
			root[len(root)-1] = last.opened()
		}
	}
	return q
}

// inHead is a copy of n that looks into the head for what n looks for anywhere.
func inHead(n Node) Node {
	heads := func(nodes []Node) []Node {
		nodes = slices.Clone(nodes)
		for i := range nodes {
			nodes[i] = inHead(nodes[i])
		}
		return nodes
	}
	switch n := n.(type) {
	case And:
		return And(heads(n))
	case Or:
		return Or(heads(n))
	case Not:
		return Not{inHead(n.Node)}
	case Text:
		if n.Field == Any {
			n.Field = Head
		}
		return n
	}
	return n
}

func (t Text) opened() Text {
	open := t
	open.Prefix = t.Prefix || !t.Phrase
	if open.Short() && (t.Field == Body || t.Field == Filename) {
		return t
	}
	return open
}

// parser walks over the source once, from left to right.
type parser struct {
	src      string
	pos      int
	now      time.Time
	closers  []rune // of the open groups
	leaves   int
	overflow i18n.Text // which bound was exceeded
	hints    []Hint
}

// list reads until the closing mark (0: the end of the source) and returns the
// conjunction of what it found, or the disjunction inside braces; nil if there
// was nothing.
func (p *parser) list(field Field, closer rune) Node {
	var parts []Node
	var joined string // the keyword before the next part
	for p.overflow.IsZero() {
		p.blanks()
		if p.pos == len(p.src) || p.atCloser() {
			break
		}
		if word := p.joint(); word != "" {
			switch {
			case len(parts) == 0:
				p.hint("%s has nothing before it; it was left out.", word)
				continue
			case joined != "":
				p.hint("%s right after %s was left out.", word, joined)
				continue
			}
			joined = word
			continue
		}
		part := p.factor(field)
		if part == nil {
			continue
		}
		if len(parts) > 0 && (joined == "OR" || closer == '}' && joined != "AND") {
			parts[len(parts)-1] = either(parts[len(parts)-1], part)
		} else {
			parts = append(parts, part)
		}
		joined = ""
	}
	if joined != "" {
		p.hint("%s has nothing after it; it was left out.", joined)
	}
	return all(parts)
}

// joint takes the keyword or mark that joins two parts, and returns the keyword; "": there is
// none.
func (p *parser) joint() string {
	switch {
	case p.accept("|") || p.accept("｜") || p.keyword("OR"):
		return "OR"
	case p.keyword("AND"):
		return "AND"
	}
	return ""
}

// factor reads one item with the negations before it, of which two are none. It returns nil
// for what was left out.
func (p *parser) factor(field Field) Node {
	negative := false
	for start := p.pos; ; start = p.pos {
		if n := p.dashes(); n > 1 {
			p.hint("%s does not exclude: one “-” does. It was left out.", quoted(p.src[start:p.pos]))
			return nil
		} else if n == 1 {
			if p.pos == len(p.src) || isBlank(p.peek()) || p.atCloser() {
				p.hint("“-” stands alone; it was left out.")
				return nil
			}
		} else if p.keyword("NOT") {
			p.blanks()
			for word := p.joint(); word != ""; word = p.joint() {
				p.hint("%s right after %s was left out.", word, "NOT")
				p.blanks()
			}
			if p.pos == len(p.src) || p.atCloser() {
				p.hint("%s has nothing after it; it was left out.", "NOT")
				return nil
			}
		} else {
			break
		}
		negative = !negative
	}
	item := p.item(field)
	if item == nil || !negative {
		return item
	}
	return negate(item)
}

// item reads a group, a phrase, an operator with its value or a word.
func (p *parser) item(field Field) Node {
	if p.leaves++; p.leaves > maxLeaves {
		p.overflow = i18n.Say("The search has more than %d parts; it finds nothing.", maxLeaves)
		return nil
	}
	if closer, ok := groups[p.peek()]; ok {
		return p.group(field, closer)
	}
	if r := p.peek(); r == ')' || r == '）' || r == '}' {
		p.skip()
		p.hint("“%c” closes nothing; it was left out.", r)
		return nil
	}
	if _, ok := quotes[p.peek()]; ok {
		return p.text(field)
	}
	start := p.pos
	if name, end := p.operatorName(); name != "" {
		if op, ok := operators[canonical(name)]; ok {
			p.pos = end
			return p.operator(op, canonical(name), start)
		}
		p.unknownOperator(name, end)
	}
	return p.text(field)
}

// groups gives the closing mark of each opening one.
var groups = map[rune]rune{'(': ')', '（': ')', '{': '}'}

func (p *parser) group(field Field, closer rune) Node {
	if len(p.closers) == maxDepth {
		p.overflow = i18n.Say("The search has parentheses nested deeper than %d; it finds nothing.", maxDepth)
		return nil
	}
	opener := p.skip()
	p.closers = append(p.closers, closer)
	n := p.list(field, closer)
	p.closers = p.closers[:len(p.closers)-1]
	switch {
	case !p.overflow.IsZero():
		return nil
	case p.pos == len(p.src):
		p.hint("“%c” is never closed; it was taken to end with the search.", opener)
	default:
		p.skip()
	}
	if n == nil {
		p.hint("There is nothing to search for between “%c” and “%c”; they were left out.", opener, closer)
	}
	return n
}

// text reads a phrase or a word for a field.
func (p *parser) text(field Field) Node {
	raw, phrase := p.value()
	t := Text{Field: field, Raw: raw, Phrase: phrase}
	if phrase {
		t.Prefix = p.accept("*") || p.accept("＊")
	} else {
		t.Raw = strings.TrimRight(raw, "*＊")
		t.Prefix = t.Raw != raw
		if strings.ContainsAny(t.Raw, "*＊") {
			p.hint("“*” works at the end of a word only; in %s it was read as punctuation.", quoted(raw))
		}
	}
	switch n := len(compile(t).units); {
	case n > maxUnits:
		p.overflow = i18n.Say("The search has a phrase of more than %d words; it finds nothing.", maxUnits)
		return nil
	case n > 0 && t.Short():
		return p.short(t)
	case n > 0:
		return t
	}
	if field == Any && !phrase {
		p.hint("%s has no letters or digits to search for; it was left out.", quoted(raw))
		return nil
	}
	what := writeText(t)
	p.hint("%s has no letters or digits to search for; it finds nothing.", quoted(what))
	return Nothing{Source: what}
}

// short reads one letter that may go on as a search of what lists show: looking for
// it in whole texts would find nearly every one.
func (p *parser) short(t Text) Node {
	what := writeText(t)
	switch t.Field {
	case Any:
		t.Field = Head
		p.hint("%s is short: it was looked for in subjects, names and addresses only.", quoted(what))
	case Body, Filename:
		p.hint("%s is too short; it finds nothing. Write two letters before “*” or more.", quoted(what))
		return Nothing{Source: what}
	}
	return t
}

// value reads a phrase in quotes or a word.
func (p *parser) value() (raw string, phrase bool) {
	closers, ok := quotes[p.peek()]
	if !ok {
		return p.word(), false
	}
	opener := p.skip()
	rest := p.src[p.pos:]
	end := strings.IndexAny(rest, closers)
	if end < 0 {
		p.pos = len(p.src)
		p.hint("The quotation mark %c is never closed; the phrase was taken to end with the search.", opener)
		return rest, true
	}
	p.pos += end
	p.skip()
	return rest[:end], true
}

// quotes gives the marks that close what each opening mark opens.
var quotes = map[rune]string{
	'"': `"”`, '＂': `＂"”`, '“': `”“"`, '”': `”"`, '„': `“”"`,
	'«': `»"`, '「': `」`, '『': `』`, '｢': `｣`,
}

// quotesInWords begin a phrase even without a blank before them: Chinese and
// Japanese are written so. (An ASCII quotation mark there means inches.)
const quotesInWords = "“„«「『｢"

// word reads up to a blank, a quotation or the mark that closes the group it stands in.
// Parentheses that open inside the word belong to it.
func (p *parser) word() string {
	start, inner := p.pos, 0
	for p.pos < len(p.src) {
		r := p.peek()
		if isBlank(r) || inner == 0 && p.atCloser() || p.pos > start && strings.ContainsRune(quotesInWords, r) {
			break
		}
		switch r {
		case '(', '（':
			inner++
		case ')', '）':
			if inner--; inner < 0 {
				p.hint("“%c” closes nothing; it was left out.", r)
				inner = 0
			}
		}
		p.skip()
	}
	raw := p.src[start:p.pos]
	if strings.HasSuffix(raw, `"`) || strings.HasSuffix(raw, "”") {
		p.hint("The quotation mark at the end of %s was never opened; it was left out.", quoted(raw))
	}
	return raw
}

// operatorName returns the letters (and digits after them) before a colon, and the
// position after the colon; "" when there are none.
func (p *parser) operatorName() (name string, end int) {
	for i, r := range p.src[p.pos:] {
		wide := utf8.RuneLen(r)
		if '！' <= r && r <= '～' { // full-width forms of ASCII
			r -= '！' - '!'
		}
		switch {
		case r == ':':
			end = p.pos + i
			return p.src[p.pos:end], end + wide
		case r != '_' && r != '-' && !('a' <= r|0x20 && r|0x20 <= 'z') && (i == 0 || r < '0' || '9' < r):
			return "", 0
		}
	}
	return "", 0
}

// unknownOperator gives a hint, unless the colon is plainly part of a URL.
func (p *parser) unknownOperator(name string, end int) {
	if strings.HasPrefix(p.src[end:], "//") {
		return
	}
	h := Hint{Text: i18n.Say("“%s:” is not a search operator; it was searched for as text.", name)}
	if near := nearest(canonical(name), operatorNames); near != "" {
		h.Near = near + ":"
		h.Meant = p.src[:p.pos] + h.Near + p.src[end:]
	}
	p.note(h)
}

// blanks skips blanks and control characters.
func (p *parser) blanks() {
	for p.pos < len(p.src) && isBlank(p.peek()) {
		p.skip()
	}
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// dashes skips dashes and returns how many there were.
func (p *parser) dashes() int {
	n := 0
	for p.accept("-") || p.accept("－") || p.accept("−") {
		n++
	}
	return n
}

// atCloser tells whether the innermost open group ends here.
func (p *parser) atCloser() bool {
	if len(p.closers) == 0 || p.pos == len(p.src) {
		return false
	}
	return strings.ContainsRune(closing(p.closers[len(p.closers)-1]), p.peek())
}

// closing are the marks that close a group, of which closer is one.
func closing(closer rune) string {
	if closer == ')' {
		return ")）"
	}
	return string(closer)
}

// keyword takes name when it stands as a word of its own, in capitals.
func (p *parser) keyword(name string) bool {
	rest, ok := strings.CutPrefix(p.src[p.pos:], name)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if _, open := groups[r]; rest != "" && !isBlank(r) && !open && r != ')' && r != '）' && r != '}' {
		return false
	}
	p.pos += len(name)
	return true
}

func (p *parser) accept(mark string) bool {
	ok := strings.HasPrefix(p.src[p.pos:], mark)
	if ok {
		p.pos += len(mark)
	}
	return ok
}

// peek returns the rune at the position, skip also steps over it.
func (p *parser) peek() rune {
	r, _ := utf8.DecodeRuneInString(p.src[p.pos:])
	return r
}

func (p *parser) skip() rune {
	r, size := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += size
	return r
}

// hint notes a sentence.
func (p *parser) hint(key i18n.Key, args ...any) { p.note(Hint{Text: i18n.Say(key, args...)}) }

// note notes a hint, unless its sentence was noted before. Where there are too many, the last one says so.
func (p *parser) note(h Hint) {
	said := h.Text.String()
	switch {
	case slices.ContainsFunc(p.hints, func(o Hint) bool { return o.Text.String() == said }):
	case len(p.hints) < maxHints:
		p.hints = append(p.hints, h)
	default:
		p.hints[maxHints-1] = Hint{Text: i18n.Say("There is more in this search that was not read as it is written.")}
	}
}

// quoted shows a piece of the source in a hint.
func quoted(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if isBlank(r) {
			return ' '
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd")))
	if n := 0; len(s) > most {
		for n = most; !utf8.RuneStart(s[n]); n-- {
		}
		s = s[:n] + "…"
	}
	return "“" + s + "”"
}

// all joins what must hold together, dissolving conjunctions inside (but for
// those that on: makes); nil if there is nothing.
func all(parts []Node) Node {
	var and And
	for _, part := range parts {
		if inner, ok := part.(And); ok && !isPeriod(inner) {
			and = append(and, inner...)
		} else {
			and = append(and, part)
		}
	}
	switch len(and) {
	case 0:
		return nil
	case 1:
		return and[0]
	default:
		return and
	}
}

func isPeriod(a And) bool {
	_, ok := writePeriod(a)
	return ok
}

// either joins two alternatives.
func either(a, b Node) Node {
	var or Or
	for _, n := range []Node{a, b} {
		if inner, ok := n.(Or); ok {
			or = append(or, inner...)
		} else {
			or = append(or, n)
		}
	}
	return or
}

// negate excludes n. What holds a filter that could not be
// read stays without result: its negation would find everything.
func negate(n Node) Node {
	if unreadable(n) {
		return Nothing{Source: write(Not{n})}
	}
	if not, ok := n.(Not); ok {
		return not.Node
	}
	return Not{n}
}

func unreadable(n Node) bool {
	switch n := n.(type) {
	case And:
		return slices.ContainsFunc(n, unreadable)
	case Or:
		return slices.ContainsFunc(n, unreadable)
	case Not:
		return unreadable(n.Node)
	case Nothing:
		return true
	}
	return false
}
