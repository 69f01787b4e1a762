package message

import (
	"bytes"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// mediaType is a value with parameters: Content-Type (RFC 2045 §5.1) or Content-Disposition.
type mediaType struct {
	value  string // in lower case, without blanks; "" if empty
	params []param
}

type param struct {
	name    string // lower case, without the marks of RFC 2231
	value   []byte
	charset string // of an extended value; value then is in that charset
	ext     bool   // an extended value
}

// raw returns a parameter's octets: an extended value already in UTF-8. The first one counts, and
// of "filename" and "filename*" the latter (RFC 6266 §4.3).
func (m mediaType) raw(name string) []byte {
	var plain []byte
	for _, p := range m.params {
		if p.name != name {
			continue
		}
		if p.ext {
			return []byte(decodeCharset(p.charset, p.value))
		}
		if plain == nil {
			plain = p.value
		}
	}
	return plain
}

// get returns a parameter that is not text for people: charset, boundary, format.
func (m mediaType) get(name string) string { return string(m.raw(name)) }

// parseMedia reads the value and the parameters of a structured field.
//
// QUIRK: surplus and missing semicolons, blanks around "=", missing close quotes, unquoted blanks,
// duplicates and comments are all read; see the tests.
func parseMedia(raw []byte) mediaType {
	s := paramScanner{b: raw}
	m := mediaType{value: s.mediaValue()}
	var room [4]piece2231
	pieces := room[:0]
	for n := 0; n < maxParams; n++ {
		name, value, quoted, ok := s.next()
		if !ok {
			break
		}
		if len(name) == 0 {
			continue
		}
		pieces = append(pieces, splitParam(name, clipBytes(value, maxParam), quoted))
	}
	m.params = joinParams(pieces)
	return m
}

// paramScanner walks over a structured field.
type paramScanner struct {
	b         []byte
	i         int
	noComment bool // nothing closes a comment any more
}

// mediaValue reads up to the first parameter.
func (s *paramScanner) mediaValue() string {
	s.blanks()
	start := s.i
	for s.i < len(s.b) && s.b[s.i] != ';' && s.b[s.i] != '(' {
		if s.b[s.i] == '=' {
			// QUIRK: parameters without a type: go back to where this one begins.
			for s.i > start && !isBlank(s.b[s.i-1]) {
				s.i--
			}
			break
		}
		s.i++
	}
	v := strings.ToLower(string(bytes.Trim(s.b[start:s.i], " \t\"'")))
	if slash := strings.IndexByte(v, '/'); slash >= 0 {
		// "text / plain" and "text/plain charset": the subtype ends at a blank.
		main, sub := strings.TrimSpace(v[:slash]), strings.TrimSpace(v[slash+1:])
		sub, _, _ = strings.Cut(sub, " ")
		sub, _, _ = strings.Cut(sub, ",")
		if main == "" || sub == "" {
			return main
		}
		return validText(main + "/" + strings.Trim(sub, "\"'"))
	}
	v, _, _ = strings.Cut(v, " ")
	return validText(v)
}

// blanks skips blanks, semicolons and comments.
func (s *paramScanner) blanks() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', ';', ',', '\r', '\n':
			s.i++
		case '(':
			end := -1
			if !s.noComment {
				end = commentEnd(s.b, s.i)
			}
			if end < 0 {
				s.noComment = true
				end = s.i + 1
			}
			s.i = end
		default:
			return
		}
	}
}

// commentEnd returns the index behind the comment that opens at b[i], or -1 when none closes it.
func commentEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// next reads one "name=value".
func (s *paramScanner) next() (name, value []byte, quoted, ok bool) {
	s.blanks()
	if s.i >= len(s.b) {
		return nil, nil, false, false
	}
	start := s.i
	for s.i < len(s.b) && s.b[s.i] != '=' && s.b[s.i] != ';' {
		s.i++
	}
	name = bytes.TrimSpace(s.b[start:s.i])
	if s.i >= len(s.b) || s.b[s.i] == ';' {
		return nil, nil, false, true // "charset" without a value
	}
	if j := bytes.LastIndexAny(name, " \t"); j >= 0 {
		name = name[j+1:] // junk before the name
	}
	s.i++
	for s.i < len(s.b) && isBlank(s.b[s.i]) {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '"' {
		value = s.quoted()
		return name, value, true, true
	}
	return name, s.bare(string(bytes.ToLower(name))), false, true
}

// quoted reads a quoted string. QUIRK: a backslash only escapes a quote or a backslash, so that
// "C:\new" keeps its own; a string that never closes ends at the next semicolon that begins a
// parameter, or at the end.
func (s *paramScanner) quoted() []byte {
	s.i++
	start := s.i
	var out []byte
	for j := start; j < len(s.b); j++ {
		switch c := s.b[j]; {
		case c == '\\' && j+1 < len(s.b) && (s.b[j+1] == '"' || s.b[j+1] == '\\'):
			j++
			out = append(out, s.b[j])
		case c == '"':
			s.i = j + 1
			return out
		default:
			out = append(out, c)
		}
	}
	end := len(s.b)
	if j := nextParam(s.b[start:], ';'); j >= 0 {
		end = start + j
	}
	s.i = end
	return bytes.TrimSpace(s.b[start:end])
}

// bare reads an unquoted value: to the semicolon, or to a blank that begins the next parameter.
func (s *paramScanner) bare(name string) []byte {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] != ';' {
		s.i++
	}
	v := s.b[start:s.i]
	if j := nextParam(v, ' '); j >= 0 {
		v = v[:j]
		s.i = start + j
	}
	if name != "name" && name != "filename" {
		if j := bytes.Index(v, []byte(" (")); j >= 0 {
			v = v[:j] // a comment
		}
	}
	return bytes.Trim(v, " \t\"'")
}

// nextParam finds the separator before a "token=" in v, or -1.
func nextParam(v []byte, separator byte) int {
	for i := 0; i < len(v); i++ {
		if v[i] != separator && !(separator == ' ' && v[i] == '\t') {
			continue
		}
		sep := i
		for i+1 < len(v) && isBlank(v[i+1]) {
			i++
		}
		rest := v[i+1:]
		eq := bytes.IndexByte(rest[:min(len(rest), 40)], '=')
		if eq > 0 && isToken(rest[:eq]) && eq+1 < len(rest) && rest[eq+1] != '=' && rest[eq+1] != '?' {
			return sep
		}
	}
	return -1
}

// piece2231 is one parameter as written (RFC 2231 §3 and §4).
type piece2231 struct {
	name   string
	index  int  // of a continuation; -1 when it is none
	ext    bool // percent-encoded
	value  []byte
	quoted bool
}

// splitParam takes "filename*1*" apart.
func splitParam(name, value []byte, quoted bool) piece2231 {
	p := piece2231{name: strings.ToLower(string(name)), index: -1, value: value, quoted: quoted}
	base, rest, starred := strings.Cut(p.name, "*")
	if !starred {
		return p
	}
	p.name = base
	number, star := strings.CutSuffix(rest, "*")
	p.ext = star || rest == ""
	if n, err := strconv.Atoi(number); err == nil && n >= 0 {
		p.index = n
	}
	return p
}

// joinParams puts continuations together, in the order of their numbers: QUIRK: whatever order
// they came in, and over gaps.
func joinParams(pieces []piece2231) []param {
	out := make([]param, 0, len(pieces))
	var chains map[string][]piece2231
	for i, p := range pieces {
		if p.index >= 0 {
			if len(chains[p.name]) == 0 {
				out = append(out, param{name: p.name})
			}
			if chains == nil {
				chains = map[string][]piece2231{}
			}
			chains[p.name] = append(chains[p.name], p)
			continue
		}
		if !slices.ContainsFunc(pieces[:i], p.repeats) {
			out = append(out, p.single())
		}
	}
	for i := range out {
		chain := chains[out[i].name]
		if out[i].value != nil || out[i].ext || len(chain) == 0 {
			continue
		}
		out[i] = joinChain(chain)
	}
	return out
}

// repeats tells a parameter in one piece that stood there before.
func (p piece2231) repeats(before piece2231) bool {
	return before.index < 0 && before.ext == p.ext && before.name == p.name
}

// single is a parameter in one piece.
func (p piece2231) single() param {
	if !p.ext {
		if p.value == nil {
			p.value = []byte{}
		}
		return param{name: p.name, value: p.value}
	}
	charset, rest := splitExtended(p.value)
	return param{name: p.name, value: unpercent(rest), charset: charset, ext: true}
}

// joinChain is a parameter in several pieces; only the first one names the charset.
func joinChain(chain []piece2231) param {
	sort.SliceStable(chain, func(i, j int) bool { return chain[i].index < chain[j].index })
	out := param{name: chain[0].name, value: []byte{}}
	for i, p := range chain {
		if i > 0 && p.index == chain[i-1].index {
			continue
		}
		v := p.value
		if p.ext {
			if !out.ext {
				out.ext = true
				out.charset, v = splitExtended(v)
			}
			v = unpercent(v)
		}
		out.value = append(out.value, v...)
	}
	return out
}

// splitExtended cuts "charset'language'value". QUIRK: the quotes may be missing.
func splitExtended(v []byte) (charset string, rest []byte) {
	i := bytes.IndexByte(v, '\'')
	if i < 0 || i > 60 {
		return "", v
	}
	j := bytes.IndexByte(v[i+1:], '\'')
	if j < 0 {
		return "", v
	}
	return string(v[:i]), v[i+1+j+1:]
}

// unpercent undoes %XX. What is none stays.
func unpercent(v []byte) []byte {
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			hi, lo := unhex(v[i+1]), unhex(v[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return out
}

func clipBytes(b []byte, n int) []byte { return b[:min(len(b), n)] }
