package sanitize

import "strings"

// dropControl tells whether a character has no place in HTML text: C0 controls
// but tab and line feed, and delete.
func dropControl(c byte) bool {
	return c < ' ' && c != '\t' && c != '\n' || c == 0x7f
}

// escaped are the characters that are not written as they are.
var escaped = func() (t [256]bool) {
	for c := range t {
		t[c] = dropControl(byte(c)) || strings.IndexByte("&<>\"'\r", byte(c)) >= 0
	}
	return t
}()

// escape appends s as text or as the inside of a double-quoted attribute.
// Carriage returns become line feeds, as the parser would make them.
func (r *renderer) escape(s string) {
	last := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !escaped[c] {
			continue
		}
		esc := ""
		switch {
		case c == '&':
			esc = "&amp;"
		case c == '<':
			esc = "&lt;"
		case c == '>':
			esc = "&gt;"
		case c == '"':
			esc = "&#34;"
		case c == '\'':
			esc = "&#39;"
		case c == '\r':
			esc = "\n"
			if i+1 < len(s) && s[i+1] == '\n' {
				esc = ""
			}
		}
		r.out.WriteString(s[last:i])
		r.out.WriteString(esc)
		last = i + 1
	}
	r.out.WriteString(s[last:])
}

// plain gives s without controls, for values that are compared or counted.
func plain(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = !dropControl(s[i])
	}
	if clean {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c < 0x80 && dropControl(byte(c)) {
			return -1
		}
		return c
	}, s)
}
