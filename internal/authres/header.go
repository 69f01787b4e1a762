package authres

import (
	"bytes"
	"net/netip"
	"strings"
)

// Bounds on a header.
const (
	maxFields = 500
	maxField  = 16 << 10 // octets, unfolded
)

// field is one header field, its value unfolded.
type field struct {
	name  string // lower case
	value string
}

// fields reads the Received and Authentication-Results fields of a header, down to the empty line.
func fields(header []byte) []field {
	var list []field
	keep := false
	for n := 0; len(header) > 0 && n < 20*maxFields && len(list) < maxFields; n++ {
		var line []byte
		line, header, _ = bytes.Cut(header, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		switch {
		case len(line) == 0:
			return list
		case line[0] == ' ' || line[0] == '\t':
			if last := len(list) - 1; keep && len(list[last].value) < maxField {
				list[last].value += " " + string(bytes.TrimSpace(line))
			}
		default:
			name, value, _ := bytes.Cut(line, []byte(":"))
			f := field{strings.ToLower(string(bytes.TrimSpace(name))), string(bytes.TrimSpace(value))}
			if keep = f.name == "received" || f.name == "authentication-results"; keep {
				list = append(list, f)
			}
		}
	}
	return list
}

// own returns the Authentication-Results fields that the server has written, or may have. The header is read from its
// top, where the last server put its fields, to the Received field of the hop by which the message entered: what stands
// below came with the message. Some servers put their results below that field; this is believed only of those that are
// known to clean what comes in.
func (s Server) own(list []field) []string {
	var results []string
	entered := false
	for _, f := range list {
		switch {
		case f.name == "authentication-results":
			results = append(results, f.value)
		case entered:
			return results
		case unnamed(f.value): // inside a large server, where machines have no names
		case !s.is(by(f.value)):
			return results
		case !within(f.value):
			if entered = true; !s.known() {
				return results
			}
		}
	}
	return results
}

// unnamed tells that a hop was between machines that name neither where it came from nor themselves.
func unnamed(received string) bool {
	_, err := netip.ParseAddr(by(received))
	return err == nil && !strings.EqualFold(strings.Fields(received)[0], "from")
}

// by is the server that wrote a Received field (RFC 5321 section 4.4).
func by(received string) string {
	words := strings.Fields(outside(received))
	for i, w := range words {
		if strings.EqualFold(w, "by") && i+1 < len(words) {
			return strings.Trim(words[i+1], ";")
		}
	}
	return ""
}

// within tells that a hop was inside the server: no host is named that it came from, or it was handed over on the same
// machine. What a host calls itself does not count, for it may lie; what stands in the comment was looked up.
func within(received string) bool {
	words := strings.Fields(outside(received))
	if len(words) == 0 || !strings.EqualFold(words[0], "from") {
		return true
	}
	for i, w := range words {
		if strings.EqualFold(w, "with") && i+1 < len(words) && strings.HasPrefix(strings.ToUpper(words[i+1]), "LMTP") {
			return true
		}
	}
	_, comment, _ := strings.Cut(received, "(")
	comment, _, _ = strings.Cut(comment, ")")
	return strings.HasSuffix(comment, "[127.0.0.1]") || strings.HasSuffix(comment, "[::1]") || strings.HasSuffix(comment, "[IPv6:::1]")
}

// outside is a value without its comments.
func outside(s string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			b.WriteByte(' ')
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}
