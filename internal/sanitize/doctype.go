package sanitize

import "strings"

// Doctypes a frame may begin with so that the browser lays the mail out by the
// rules it was written for (HTML 13.2.6.4.1).
const (
	noQuirks      = `<!doctype html>`
	limitedQuirks = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">`
	quirks        = ``
)

// quirky are how the public identifiers begin that mean the rules of the
// browsers of the nineties.
var quirky = []string{
	"html", "+//silmaril", "-//advasoft", "-//as//", "-//ietf//dtd html", "-//metrius", "-//microsoft//dtd internet explorer",
	"-//netscape", "-//o'reilly", "-//softquad", "-//spyglass", "-//sq//", "-//sun microsystems", "-//w3c//dtd html 3",
	"-//w3c//dtd html 4.0 frameset", "-//w3c//dtd html 4.0 transitional", "-//w3c//dtd html experimental",
	"-//w3c//dtd w3 html", "-//w3o//", "-//webtechs",
}

// doctype gives the doctype with the effect of the mail's own, whose inside
// (after "<!doctype ") is raw.
func doctype(raw string) string {
	name, rest, _ := strings.Cut(lowerASCII(strings.TrimSpace(raw)), " ")
	if name != "html" {
		return quirks
	}
	rest = strings.TrimSpace(rest)
	id, ok := strings.CutPrefix(rest, "public")
	if !ok {
		return noQuirks
	}
	public, rest := quoted(id)
	system, _ := quoted(rest)
	for _, p := range quirky {
		if strings.HasPrefix(public, p) {
			return quirks
		}
	}
	switch {
	case hasPrefix(public, "-//w3c//dtd xhtml 1.0 transitional//", "-//w3c//dtd xhtml 1.0 frameset//"):
		return limitedQuirks
	case hasPrefix(public, "-//w3c//dtd html 4.01 transitional//", "-//w3c//dtd html 4.01 frameset//"):
		if system != "" {
			return limitedQuirks
		}
		return quirks
	}
	return noQuirks
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// quoted gives the quoted string s begins with, and what follows it; s itself
// when there is none.
func quoted(s string) (value, rest string) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return "", s
	}
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		return s[1:], ""
	}
	return s[1 : 1+end], s[end+2:]
}
