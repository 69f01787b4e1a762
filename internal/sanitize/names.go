package sanitize

import (
	"strings"
)

// prefix stands before every id and class of the mail, in attributes, links
// and selectors alike, so that they never meet a name of the portal's.
const prefix = "pm-"

// formClass is the class of what was a form. It begins as no sender's does.
const formClass = prefix + "-form"

// Bounds on names; no author writes longer ones.
const (
	maxName    = 200
	maxClasses = 60
)

// scopedName gives an id or class its prefix, once.
func scopedName(name string) string {
	if strings.HasPrefix(name, prefix) {
		return name
	}
	return prefix + name
}

// classes gives a class attribute with each name scoped; reserved names of
// this package stand as they are when the element may have them.
func classes(value, reserved string) string {
	var b strings.Builder
	n := 0
	if reserved != "" {
		b.WriteString(reserved)
		n++
	}
	for name := range strings.FieldsSeq(plain(value)) {
		if name == reserved || len(name) > maxName {
			continue
		}
		if n++; n > maxClasses {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(scopedName(name))
	}
	return b.String()
}

// identifier gives an id, or the name of an anchor or map, scoped; "" if it is
// not one word.
func identifier(value string) string {
	value = plain(value)
	if value == "" || len(value) > maxName || strings.ContainsAny(value, " \t\n\f\r") {
		return ""
	}
	return scopedName(value)
}

// hasClass tells whether a class attribute has the name.
func hasClass(value, name string) bool {
	for c := range strings.FieldsSeq(value) {
		if c == name {
			return true
		}
	}
	return false
}
