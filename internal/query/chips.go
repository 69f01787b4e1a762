package query

import (
	"fmt"
	"strings"
	"unicode"
)

// Chips tells how the search was understood, one part that must hold each; a
// search of which nothing is left has none. A chip is itself a search: parsing
// it gives the part back.
func (q Query) Chips() []string {
	switch root := q.Root.(type) {
	case nil:
		return nil
	case Nothing:
		if root.Source == "" { // the hint says why
			return nil
		}
	case And:
		if isPeriod(root) {
			break
		}
		chips := make([]string, len(root))
		for i, part := range root {
			chips[i] = write(part)
		}
		return chips
	}
	return []string{write(q.Root)}
}

// write prints a node in the language Parse reads.
func write(n Node) string {
	switch n := n.(type) {
	case And:
		if s, ok := writePeriod(n); ok {
			return s
		}
		return "(" + writeAll(n, " ") + ")"
	case Or:
		return writeAll(n, " OR ")
	case Not:
		part := write(n.Node)
		if _, or := n.Node.(Or); or || strings.HasPrefix(part, "-") {
			part = "(" + part + ")"
		}
		return "-" + part
	case Nothing:
		if n.Source == "" {
			return quote("")
		}
		return n.Source
	case Text:
		return writeText(n)
	case Mailbox:
		return "in:" + n.Name
	case Label:
		return "label:" + writeValue(n.Name)
	case ID:
		return "rfc822msgid:" + writeValue(n.MessageID)
	case Account:
		return "account:" + writeValue(n.Name)
	case Is:
		return flagNames[n.Flag]
	case Date:
		return writeDate(n)
	case Size:
		return writeSize(n)
	}
	return ""
}

func writeAll(nodes []Node, between string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = write(n)
	}
	return strings.Join(parts, between)
}

// fieldNames are the operators of the fields.
var fieldNames = map[Field]string{
	Any: "", Subject: "subject:", From: "from:", Recipient: "to:", Cc: "cc:", Bcc: "bcc:",
	Body: "body:", Filename: "filename:", List: "list:", Head: "",
}

var flagNames = map[Flag]string{
	Unread: "is:unread", Read: "is:read", Starred: "is:starred", Unstarred: "is:unstarred",
	HasAttachment: "has:attachment", PendingDelete: "is:pending-delete",
	Gone: "is:gone", Deleted: "is:deleted", Present: "is:present",
}

func writeText(t Text) string {
	value := t.Raw
	if t.Phrase || !plain(value) || isKeyword(value) {
		value = quote(value)
	}
	if t.Prefix {
		value += "*"
	}
	return fieldNames[t.Field] + value
}

func writeValue(s string) string {
	if plain(s) {
		return s
	}
	return quote(s)
}

// unquoted turns the marks that would end a quotation into blanks, which
// segmentation takes them for anyway.
var unquoted = strings.NewReplacer(`"`, " ", "”", " ")

// quote puts s in quotation marks.
func quote(s string) string { return `"` + unquoted.Replace(s) + `"` }

// plain tells whether s, typed without quotes, is read as one word and as
// nothing else.
func plain(s string) bool {
	for i, r := range s {
		if !unicode.In(r, unicode.L, unicode.N) && (i == 0 || !unicode.Is(unicode.M, r) && !strings.ContainsRune("@._-/+#&'’", r)) {
			return false
		}
	}
	return s != ""
}

func isKeyword(s string) bool { return s == "OR" || s == "AND" || s == "NOT" }

const day = "2006-01-02"

func writeDate(d Date) string {
	switch {
	case d.Before && d.Ago != "":
		return "older_than:" + d.Ago
	case d.Ago != "":
		return "newer_than:" + d.Ago
	case d.Before:
		return "before:" + d.Time.Format(day)
	default:
		return "after:" + d.Time.Format(day)
	}
}

// writePeriod prints what on: made.
func writePeriod(a And) (string, bool) {
	from, to, ok := a.period()
	if !ok {
		return "", false
	}
	for _, layout := range []string{"2006", "2006-01", day} {
		value := from.Format(layout)
		if start, end, ok := period(value, from); ok && start.Equal(from) && end.Equal(to) {
			return "on:" + value, true
		}
	}
	return "", false
}

func writeSize(s Size) string {
	name := "smaller:"
	if s.Larger {
		name = "larger:"
	}
	for _, unit := range []struct {
		octets int64
		name   string
	}{{1 << 30, "G"}, {1 << 20, "M"}, {1 << 10, "K"}} {
		if s.Octets >= unit.octets && s.Octets%unit.octets == 0 {
			return fmt.Sprintf("%s%d%s", name, s.Octets/unit.octets, unit.name)
		}
	}
	return fmt.Sprintf("%s%d", name, s.Octets)
}
