package templates

import (
	"strings"
	"unicode"
)

// Bounds of what becomes a link; anything longer is noise, and stays text.
const (
	maxWebAddress = 2048 // octets
	maxLocalPart  = 64   // octets, RFC 5321, section 4.5.3.1.1
	maxHost       = 255  // octets
)

// links cuts text into plain pieces and links, as many as there is room for. It looks only around the signs that every
// address holds, ":" and "@", and at each octet a bounded number of times.
func links(text string, room *int) Text {
	var t Text
	done, look := 0, 0 // text[:done] is in t; the next sign is looked for from look on
	for *room > 0 {
		i := strings.IndexAny(text[look:], ":@")
		if i < 0 {
			break
		}
		sign := look + i
		start, end, next := webAddress(text, done, sign)
		scheme := ""
		if text[sign] == '@' {
			start, end = mailAddress(text, done, sign)
			next, scheme = max(end, sign+1), "mailto:"
		}
		look = next
		if start == end {
			continue
		}
		if start > done {
			t = append(t, Span{Text: text[done:start]})
		}
		t = append(t, Span{Text: text[start:end], URL: scheme + text[start:end]})
		done = end
		*room--
	}
	if done < len(text) {
		t = append(t, Span{Text: text[done:]})
	}
	return t
}

// webAddress finds the http or https address whose scheme ends at the colon, not before from. It returns where to look
// on; start and end are equal when there is none.
func webAddress(text string, from, colon int) (start, end, next int) {
	next = colon + 1
	rest, ok := strings.CutPrefix(text[colon:], "://")
	if !ok {
		return 0, 0, next
	}
	start = colon
	for start > from && colon-start < len("https") && isLetter(text[start-1]) {
		start--
	}
	if s := text[start:colon]; !strings.EqualFold(s, "http") && !strings.EqualFold(s, "https") || start > from && isWord(text[start-1]) {
		return 0, 0, next
	}
	body := rest
	if i := strings.IndexFunc(rest, endsAddress); i >= 0 {
		body = rest[:i]
	}
	begin := len(text) - len(rest)
	if len(body) > maxWebAddress {
		return 0, 0, begin + len(body)
	}
	body = trimLink(body)
	if body == "" {
		return 0, 0, next
	}
	return start, begin + len(body), begin + len(body)
}

// endsAddress tells whether r cannot stand in a web address as people write them: blanks, quotes, angle brackets, and
// the punctuation of Chinese and Japanese, which follows without a blank.
func endsAddress(r rune) bool {
	switch {
	case unicode.IsSpace(r) || unicode.IsControl(r):
		return true
	case r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff20:
		return true
	}
	return strings.ContainsRune("<>\"'`“”‘’", r)
}

// mailAddress finds the address around the sign "@", not before from; start and end are equal when there is none.
func mailAddress(text string, from, sign int) (start, end int) {
	start, end = sign, sign+1
	for start > from && sign-start < maxLocalPart && (isWord(text[start-1]) || strings.IndexByte(".%+-", text[start-1]) >= 0) {
		start--
	}
	for start < sign && !isWord(text[start]) {
		start++
	}
	for end < len(text) && end-sign <= maxHost && (isWord(text[end]) || text[end] == '.' || text[end] == '-') {
		end++
	}
	host := strings.TrimRight(text[sign+1:end], ".-_")
	if start == sign || !strings.Contains(host, ".") || strings.HasPrefix(host, ".") || strings.Contains(host, "..") || len(host) > maxHost {
		return 0, 0
	}
	return start, sign + 1 + len(host)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c == '_' }

// trimLink drops the punctuation that ends a sentence rather than an address, and closing brackets that were not
// opened within.
func trimLink(s string) string {
	surplus := map[rune]int{} // by closing bracket: how many more there are than opening ones
	for _, r := range s {
		switch r {
		case '(':
			surplus[')']--
		case '[':
			surplus[']']--
		case '{':
			surplus['}']--
		case ')', ']', '}':
			surplus[r]++
		}
	}
	return strings.TrimRightFunc(s, func(r rune) bool {
		if strings.ContainsRune(".,;:!?…*_", r) {
			return true
		}
		surplus[r]--
		return surplus[r] >= 0
	})
}
