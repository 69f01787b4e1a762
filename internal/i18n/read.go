package i18n

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// What the worker and the reader of messages have to say is written into the database, the log and the terminal, where
// it is English. Read translates it when it is shown: it finds the keys again that the English was made of. So nothing
// needs a second form to be stored in, and what was stored long ago is translated as well.

// What servers say stands in it too, so there are bounds: of what is longer than maxRead octets nothing is translated, nor
// what comes after maxPieces sentences or is nested deeper than maxNested.
const (
	maxRead   = 2000
	maxPieces = 12
	maxNested = 3
)

// Read returns s, one or several sentences made of keys of the areas that are told in English first, in the reader's
// language. What is not recognised, such as the words of a server, stays as it is.
func (l Locale) Read(s string) string {
	if l.language() == English || len(s) > maxRead {
		return s
	}
	said := ""
	for n := 0; s != ""; n++ {
		own, rest, ok := s, "", n >= maxPieces
		if !ok {
			own, rest, ok = l.sentence(s, 0)
		}
		if !ok {
			own, rest = l.piece(s)
		}
		if said != "" {
			own = l.T("%s %s", said, own)
		}
		said, s = own, rest
	}
	return said
}

// sentence translates the key that s begins with. A key that is a sentence may have others behind it.
func (l Locale) sentence(s string, nested int) (own, rest string, ok bool) {
	if own, ok := l.language().texts[Key(s)]; ok {
		return own, "", true
	}
	for _, p := range readable() {
		if !strings.HasPrefix(s, p.begins) {
			continue
		}
		m := p.shape.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		own = l.language().text(p.key)
		if len(m) > 1 {
			values := make([]any, len(m)-1)
			for i, v := range m[1:] {
				values[i] = l.value(v, nested+1)
			}
			own = fmt.Sprintf(verbs.ReplaceAllString(own, "%${1}s"), values...) // values are texts by now
		}
		return own, s[len(m[0]):], true
	}
	return "", s, false
}

// piece goes on behind what may be the end of a sentence that is none of ours: a list of keys, a name before a colon, or
// the words of somebody else.
func (l Locale) piece(s string) (own, rest string) {
	own = s
	if end := sentenceEnd.FindStringIndex(s); end != nil {
		own, rest = s[:end[0]+1], s[end[1]:]
	}
	if list, ok := strings.CutSuffix(own, "."); ok {
		if known := l.value(list, 0); known != list {
			return l.T("%s.", known), rest
		}
	}
	if name, ok := strings.CutSuffix(own, ":"); ok {
		if _, _, known := l.sentence(rest, 0); known {
			return l.T("%s:", l.value(name, 0)), rest
		}
	}
	return own, rest
}

var sentenceEnd = regexp.MustCompile(`[.:] `)

// value translates what stands in a sentence, if it is a date or made of keys itself: one, several with commas between
// them, or one with its reason behind a colon.
func (l Locale) value(s string, nested int) string {
	if nested > maxNested {
		return s
	}
	if t, err := time.Parse("2 January 2006", s); err == nil {
		return Locale{l.Language, time.UTC}.Date(t, "2 January 2006")
	}
	if own, rest, ok := l.sentence(s, nested); ok && rest == "" {
		return own
	}
	if head, reason, ok := strings.Cut(s, ": "); ok {
		if own, rest, known := l.sentence(head, nested); known && rest == "" {
			return l.T("%s: %s", own, l.value(reason, nested+1))
		}
	}
	parts := strings.Split(s, ", ")
	for i, part := range parts {
		own, rest, ok := l.sentence(part, nested)
		if !ok || rest != "" {
			return s
		}
		parts[i] = own
	}
	return strings.Join(parts, l.T(", "))
}

// pattern is a key as it is found in a text.
type pattern struct {
	key    Key
	begins string // how each such text begins
	words  int    // how much of it is the key's own
	shape  *regexp.Regexp
}

// What stands in the place of a verb: figures, else as little as possible, and what is quoted as a whole.
const (
	aFigure  = `(-?[\d,]+)`
	anyValue = `((?:“[^”]*”|[^“])*?)`
)

// readable are the keys of the areas that are told in English first, and those that they share with others; the ones with
// the most words of their own first.
var readable = sync.OnceValue(func() []pattern {
	list := []pattern{patternOf("%d messages"), patternOf("%d new messages")}
	for _, area := range []map[Key]string{zhSession, zhDefects, zhProviders} {
		for key := range area {
			list = append(list, patternOf(key))
		}
	}
	slices.SortFunc(list, func(a, b pattern) int { return b.words - a.words })
	return list
})

func patternOf(key Key) pattern {
	own := verbs.Split(key.english(), -1)
	shape := verbs.ReplaceAllStringFunc(regexp.QuoteMeta(key.english()), func(verb string) string {
		if strings.HasSuffix(verb, "d") {
			return aFigure
		}
		return anyValue
	})
	end := `$`
	if strings.HasSuffix(shape, ".") {
		end = `(?: |$)`
	}
	return pattern{key, own[0], len(strings.Join(own, "")), regexp.MustCompile(`^` + shape + end)}
}
