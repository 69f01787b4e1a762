package message

import (
	"bytes"
	"strings"
)

// chooseBoundary returns the boundary by which the multipart at the scanner's position is cut:
// the declared one, or the one that its body shows when there is none or the declared one does
// not occur. "" means that there is none.
func (p *parser) chooseBoundary(declared string) string {
	if len(declared) > maxBoundary {
		p.defects.add("A boundary was too long; it was ignored.")
		declared = ""
	}
	// The boundary nearly always stands at once or after a preamble of a line or two.
	if declared != "" && occurs(p.s.buf[p.s.pos:min(p.s.end, p.s.pos+512)], declared) {
		return declared
	}
	if p.lookahead <= 0 {
		return declared
	}
	window := p.s.peek(scanBuffer - 4)
	p.lookahead -= len(window)
	p.s.steps += int64(len(window))
	found := p.guessBoundary(window, declared)
	if found != "" && found != declared {
		p.defects.add("The boundary of a multipart was missing or wrong; the one in the body was taken.")
		return found
	}
	return declared
}

// occurs tells whether a line of window is the boundary.
func occurs(window []byte, boundary string) bool {
	for len(window) > 0 {
		var line []byte
		line, window = cutLine(window)
		if len(line) > 2 && line[0] == '-' && line[1] == '-' && begins(line[2:], boundary) {
			return true
		}
	}
	return false
}

// begins tells whether a line's text is the boundary, perhaps with blanks and more behind it.
func begins(text []byte, boundary string) bool {
	rest, ok := bytes.CutPrefix(text, []byte(boundary))
	return ok && (len(rest) == 0 || isBlank(rest[0]))
}

// guessBoundary looks for the boundary in the octets that follow. A line "--x" is one when a
// header field follows it, or when it stands there again.
func (p *parser) guessBoundary(window []byte, declared string) string {
	var candidates []string
	for len(window) > 0 {
		var line []byte
		line, window = cutLine(window)
		if len(line) < 3 || line[0] != '-' || line[1] != '-' || len(line) > maxBoundary {
			continue
		}
		if _, outer := p.match(line); outer {
			break // the multipart ends here
		}
		b := string(bytes.TrimRight(line[2:], " \t"))
		if declared != "" && begins(line[2:], declared) {
			return declared
		}
		if strings.Trim(b, "-") == "" {
			continue // a signature mark or a drawn line
		}
		next, _ := cutLine(window)
		if name, _, ok := splitField(next); ok && len(name) > 8 && strings.EqualFold(string(name[:8]), "content-") {
			return b
		}
		for _, c := range candidates {
			if b == c || b == c+"--" {
				return c
			}
		}
		if len(candidates) < 8 {
			candidates = append(candidates, b)
		}
	}
	return ""
}

// missesFirstBoundary tells whether the multipart just opened begins with the header of its
// first part: QUIRK: the first boundary is missing.
func (p *parser) missesFirstBoundary() bool {
	line, _ := cutLine(p.s.buf[p.s.pos:min(p.s.end, p.s.pos+256)])
	name, _, ok := splitField(line)
	if !ok || !strings.EqualFold(string(name), "content-type") {
		return false
	}
	p.defects.add("The first boundary of a multipart was missing; its first part was read all the same.")
	return true
}
