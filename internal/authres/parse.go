package authres

import "strings"

// Result is one method's outcome.
type Result struct {
	Method string            // "dkim", lower case
	Value  string            // "pass", lower case
	Props  map[string]string // "header.d" to "example.com"
}

// maxResults bounds the results of one field.
const maxResults = 50

// Parse reads the value of an Authentication-Results field (RFC 8601 section 2.2). ok is false when it does not follow
// the grammar: half of a field that was tampered with is not believed.
func Parse(value string) (server string, results []Result, ok bool) {
	s := scanner{rest: value}
	if server, ok = s.word(); !ok {
		return "", nil, false
	}
	s.digits() // the version
	for len(results) < maxResults {
		if s.end() {
			return server, results, true
		}
		if !s.sign(';') {
			return "", nil, false
		}
		if s.end() { // a semicolon at the end, as some write it
			return server, results, true
		}
		r, none, ok := s.result()
		if !ok {
			return "", nil, false
		}
		if !none {
			results = append(results, r)
		}
	}
	return server, results, true
}

// result reads "method/version = value reason=... ptype.property=value ...", or "none".
func (s *scanner) result() (r Result, none, ok bool) {
	if r.Method, ok = s.word(); !ok {
		return r, false, false
	}
	r.Method = strings.ToLower(r.Method)
	if s.sign('/') {
		s.digits()
	}
	if !s.sign('=') {
		return r, r.Method == "none", r.Method == "none"
	}
	if r.Value, ok = s.word(); !ok {
		return r, false, false
	}
	r.Value, r.Props = strings.ToLower(r.Value), map[string]string{}
	for !s.end() && s.peek() != ';' {
		name, ok := s.word()
		if !ok || !s.sign('=') {
			return r, false, false
		}
		v, ok := s.word()
		if !ok {
			return r, false, false
		}
		if name = strings.ToLower(name); r.Props[name] == "" { // the first counts
			r.Props[name] = strings.ToLower(v)
		}
	}
	return r, false, true
}

// scanner reads words and signs, with comments and white space between them left out.
type scanner struct{ rest string }

// skip goes past white space and comments.
func (s *scanner) skip() {
	for depth := 0; s.rest != ""; s.rest = s.rest[1:] {
		switch c := s.rest[0]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '\\' && depth > 0 && len(s.rest) > 1:
			s.rest = s.rest[1:]
		case depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return
		}
	}
}

func (s *scanner) end() bool { s.skip(); return s.rest == "" }

func (s *scanner) peek() byte {
	if s.end() {
		return 0
	}
	return s.rest[0]
}

func (s *scanner) sign(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) digits() {
	s.skip()
	s.rest = strings.TrimLeft(s.rest, "0123456789")
}

// word reads a token, an address or a quoted string.
func (s *scanner) word() (string, bool) {
	s.skip()
	if strings.HasPrefix(s.rest, `"`) {
		return s.quoted()
	}
	n := 0
	for n < len(s.rest) && s.rest[n] > ' ' && s.rest[n] < 0x7f && !strings.ContainsRune(`()<>,;"=\`, rune(s.rest[n])) {
		if s.rest[n] == '/' && n > 0 && !strings.Contains(s.rest[:n], ".") { // "dkim/1": a version, and no host or path
			break
		}
		n++
	}
	w := s.rest[:n]
	s.rest = s.rest[n:]
	if strings.HasPrefix(s.rest, `"`) && strings.HasSuffix(w, "@") { // a domain in quotes is none
		return "", false
	}
	return w, n > 0
}

func (s *scanner) quoted() (string, bool) {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(s.rest[i])
		case c == '"':
			s.rest = s.rest[i+1:]
			if strings.HasPrefix(s.rest, "@") { // a quoted local part: its domain follows
				domain, ok := s.word()
				return b.String() + domain, ok
			}
			return b.String(), true
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}
