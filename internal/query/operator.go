package query

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"postern/internal/i18n"
)

// operator is what stands before a colon. One of the first three is set.
type operator struct {
	field  Field                              // the value is text to find there
	values map[string]Node                    // the value is one of these
	read   func(p *parser, value string) Node // the value in its own notation; nil if it is not
	wants  i18n.Key                           // what a value looks like, for hints
}

// operators are Gmail's words and ours. Names are in lower case with "_".
var operators = map[string]operator{
	"from":     {field: From},
	"to":       {field: Recipient},
	"cc":       {field: Cc},
	"bcc":      {field: Bcc},
	"subject":  {field: Subject},
	"body":     {field: Body},
	"filename": {field: Filename},
	"list":     {field: List},

	"rfc822msgid": {read: messageID, wants: "the Message-ID as its header has it"},

	"has":     {values: hasValues, wants: "has:attachment"},
	"is":      {values: isValues, wants: "is:unread, is:read, is:starred, is:unstarred, is:pending-delete, is:gone, is:deleted or is:present"},
	"in":      {values: inValues, wants: "in:inbox, in:archive, in:junk, in:trash, in:all or in:anywhere"},
	"label":   {read: func(_ *parser, v string) Node { return Label{v} }},
	"account": {read: func(_ *parser, v string) Node { return Account{v} }},

	"before":     {read: dateBefore, wants: wantsDate},
	"older":      {read: dateBefore, wants: wantsDate},
	"older_than": {read: dateBefore, wants: wantsDate},
	"after":      {read: dateAfter, wants: wantsDate},
	"newer":      {read: dateAfter, wants: wantsDate},
	"newer_than": {read: dateAfter, wants: wantsDate},
	"since":      {read: dateAfter, wants: wantsDate},
	"on":         {read: dateOn, wants: "2026-01-31, 2026-01 or 2026"},

	"larger":  {read: sizeLarger, wants: wantsSize},
	"size":    {read: sizeLarger, wants: wantsSize},
	"smaller": {read: sizeSmaller, wants: wantsSize},
}

var operatorNames = slices.Sorted(maps.Keys(operators))

// Values of the operators that take one of a few words. Every alias has the
// same node as its word.
var (
	hasValues = map[string]Node{
		"attachment": Is{HasAttachment}, "attachments": Is{HasAttachment},
	}
	isValues = map[string]Node{
		"unread": Is{Unread}, "read": Is{Read}, "starred": Is{Starred}, "unstarred": Is{Unstarred},
		"pending_delete": Is{PendingDelete}, "pending": Is{PendingDelete},
		"gone": Is{Gone}, "deleted": Is{Deleted}, "present": Is{Present},
	}
	inValues = map[string]Node{
		"inbox": Mailbox{"inbox"}, "archive": Mailbox{"archive"},
		"junk": Mailbox{"junk"}, "spam": Mailbox{"junk"},
		"trash": Mailbox{"trash"}, "bin": Mailbox{"trash"},
		"all": Mailbox{"all"}, "anywhere": Mailbox{"anywhere"},
		"starred": Is{Starred}, "unread": Is{Unread},
	}
)

// canonical is the spelling of names and values in the tables.
func canonical(s string) string {
	return strings.ReplaceAll(strings.ToLower(norm.NFKC.String(s)), "-", "_")
}

// operator reads the value of an operator that begins at start; its colon has been read.
func (p *parser) operator(op operator, name string, start int) Node {
	if p.pos == len(p.src) || isBlank(p.peek()) || p.atCloser() {
		p.hint("“%s:” needs a value right after the colon; it finds nothing.", name)
		return Nothing{Source: name + ":"}
	}
	if op.field != Any {
		return p.fieldValue(op, name)
	}
	closer, group := groups[p.peek()]
	value, _ := p.value()
	if marks := closing(closer); group && !strings.ContainsAny(value, marks) && strings.ContainsAny(p.src[p.pos:], marks) {
		return p.severalValues(name, value, marks)
	}
	value = strings.TrimFunc(unquoted.Replace(value), isBlank)
	source := name + ":" + writeValue(value)
	if value == "" {
		p.hint("“%s:” has an empty value; it finds nothing.", name)
		return Nothing{Source: source}
	}
	n := op.values[canonical(value)]
	if op.read != nil {
		n = op.read(p, value)
	}
	if n == nil {
		h := Hint{Text: i18n.Say("%s cannot be read; it finds nothing.", quoted(source))}
		if near := nearest(canonical(value), slices.Sorted(maps.Keys(op.values))); near != "" {
			h.Near = name + ":" + strings.ReplaceAll(near, "_", "-")
			h.Meant = p.src[:start] + h.Near + p.src[p.pos:]
		} else {
			h.Text = i18n.Say("%s %s", h.Text, i18n.Say("Write %s.", op.wants))
		}
		p.note(h)
		return Nothing{Source: source}
	}
	return n
}

// severalValues leaves out a group of values, of which value is the beginning, up to one of marks: they are not
// looked for together, and what follows is not read as words.
func (p *parser) severalValues(name, value, marks string) Node {
	end := p.pos + strings.IndexAny(p.src[p.pos:], marks)
	value += p.src[p.pos:end]
	p.pos = end
	value += string(p.skip())
	p.hint("“%s:” takes one value, in quotation marks if it has blanks; it finds nothing.", name)
	return Nothing{Source: name + ":" + strings.Map(func(r rune) rune {
		if isBlank(r) {
			return ' '
		}
		return r
	}, value)}
}

// fieldValue reads text to find in the operator's field, or a group of it.
func (p *parser) fieldValue(op operator, name string) Node {
	closer, ok := groups[p.peek()]
	if !ok {
		return p.text(op.field)
	}
	if n := p.group(op.field, closer); n != nil || !p.overflow.IsZero() {
		return n
	}
	return Nothing{Source: name + ":()"}
}

// nearest returns the name a typing mistake away from s, or "".
func nearest(s string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		limit := 2 // mistakes; fewer in short names, where two make another word
		if len(name) < 5 {
			limit = 1
		}
		if transposed(s, name) {
			return name
		}
		if d := distance(s, name); d <= limit && d < least {
			best, least = name, d
		}
	}
	return best
}

// transposed tells whether s is t with two letters in each other's place
// ("form" for "from").
func transposed(s, t string) bool {
	if len(s) != len(t) || s == t {
		return false
	}
	i := 0
	for s[i] == t[i] {
		i++
	}
	return i+1 < len(s) && s[i] == t[i+1] && s[i+1] == t[i] && s[i+2:] == t[i+2:]
}

// distance is Levenshtein's: insertions, removals and replacements of octets.
func distance(s, t string) int {
	if len(s) > 2*len(t)+2 {
		return len(s)
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(s) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(t) {
			cost := diagonal
			if s[i] != t[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(t)]
}
