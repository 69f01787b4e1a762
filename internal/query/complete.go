package query

import (
	"slices"
	"strings"
)

// Ending parts a search that is being typed before its last word: rest is what stands
// before it, marks of grouping and exclusion included, so that another word can be put
// in its place.
type Ending struct {
	Rest     string
	Operator string // "from" where the last word is "from:li"; "" without a known operator
	Word     string // what is typed of the last word so far, or of the operator's value; without quotes
}

// EndingOf finds the word at the end of source.
func EndingOf(source string) Ending {
	start, quoted, inside := 0, 0, false
	for i, r := range source {
		switch {
		case r == '"' || r == '“' && !inside || r == '”' && inside:
			if inside = !inside; inside {
				quoted = i + len(string(r))
			}
		case inside:
		case isBlank(r) || r == '(' || r == '（' || r == '{':
			start = i + len(string(r))
		case r == '-' && i == start:
			start = i + 1
		}
	}
	e := Ending{Rest: source[:start], Word: source[start:]}
	if name, value, ok := strings.Cut(e.Word, ":"); ok {
		if _, known := operators[canonical(name)]; known {
			e.Operator, e.Word = canonical(name), value
		}
	}
	switch {
	case inside:
		e.Word = source[quoted:]
	case quoted > start: // a quotation that is closed does not go on
		e.Word = ""
	}
	return e
}

// Completions are the operators, and the values of those that take one of a few words,
// that the ending may become: "is:unread" and "is:unstarred" for "is:un".
func (e Ending) Completions() (list []string) {
	typed := canonical(e.Word)
	offer := func(name, text string) {
		if strings.HasPrefix(name, typed) && !slices.Contains(aliases, text) {
			list = append(list, text)
		}
	}
	if e.Operator == "" {
		for _, name := range operatorNames {
			offer(name, name+":")
		}
	}
	for value := range operators[e.Operator].values {
		offer(value, e.Operator+":"+strings.ReplaceAll(value, "_", "-"))
	}
	slices.Sort(list)
	return list
}

// aliases are the spellings that have a better one.
var aliases = []string{
	"has:attachments", "is:pending", "in:spam", "in:bin", "in:starred", "in:unread",
	"older:", "newer:", "since:", "size:",
}

// Filter writes an operator with a value as a search has it: from:lina@example.net,
// label:"To do".
func Filter(operator, value string) string { return operator + ":" + writeValue(value) }
