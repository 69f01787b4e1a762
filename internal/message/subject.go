package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// replyMarks are what mailers put before the subject of a reply, forwardMarks before that of a
// message passed on, in lower case and in the languages most seen.
var (
	replyMarks = markSet("re", "r", "aw", "antw", "antwort", "sv", "vs", "rv", "ref", "rif", "odp", "ynt", "res", "回复", "回覆", "答复", "答覆",
		"返信", "답장", "отв")
	forwardMarks = markSet("fw", "fwd", "wg", "tr", "vl", "enc", "rv", "i", "doorst", "转发", "轉寄", "転送", "전달")
)

func markSet(marks ...string) map[string]bool {
	set := make(map[string]bool, len(marks))
	for _, m := range marks {
		set[m] = true
	}
	return set
}

// BaseSubject returns what the subjects of a conversation have in common (RFC 5256 §2.1): without
// "Re:", "Fwd:", "[list]" and "(fwd)". reply tells that a mark of a reply stood there. A message
// passed on is none: it begins a conversation with somebody else.
func BaseSubject(subject string) (base string, reply bool) {
	s := strings.Join(strings.Fields(subject), " ")
	for {
		mark, rest, ok := cutMark(s)
		switch {
		case ok && replyMarks[mark]:
			reply = true
		case ok && forwardMarks[mark]:
		default:
			if rest, ok = cutBlob(s); !ok {
				for strings.HasSuffix(strings.ToLower(s), "(fwd)") {
					s = strings.TrimSpace(s[:len(s)-len("(fwd)")])
				}
				return s, reply
			}
		}
		s = rest
	}
}

// cutMark cuts "Re[2]: " and the like off a subject.
func cutMark(s string) (mark, rest string, ok bool) {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end <= 0 || end > 24 {
		return "", "", false
	}
	mark, rest = strings.ToLower(s[:end]), strings.TrimLeft(s[end:], " ")
	if inner, found := strings.CutPrefix(rest, "["); found { // Re[2]:
		number, after, _ := strings.Cut(inner, "]")
		if len(number) > 3 || strings.Trim(number, "0123456789") != "" {
			return "", "", false
		}
		rest = strings.TrimLeft(after, " ")
	}
	r, size := utf8.DecodeRuneInString(rest)
	if r != ':' && r != '：' {
		return "", "", false
	}
	return mark, strings.TrimLeft(rest[size:], " "), true
}

// cutBlob cuts "[list] " off a subject, unless nothing else is there.
func cutBlob(s string) (rest string, ok bool) {
	inner, ok := strings.CutPrefix(s, "[")
	if !ok {
		return "", false
	}
	name, rest, ok := strings.Cut(inner, "]")
	rest = strings.TrimLeft(rest, " ")
	if !ok || rest == "" || strings.Contains(name, "[") {
		return "", false
	}
	return rest, true
}
