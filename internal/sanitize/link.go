package sanitize

import "strings"

// maxURL bounds a link; tracking links of a few thousand characters are real.
const maxURL = 16 << 10

// link gives the URL of a link as it may be written, "" when the link is dead:
// only absolute http, https, mailto and tel URLs live. The rest of the mail's
// own document ("#x") is judged by its caller.
func link(value string) string {
	scheme, rest := splitURL(value)
	switch scheme {
	case "http", "https":
		return webURL(scheme, rest)
	case "mailto":
		return opaqueURL(scheme, rest)
	case "tel":
		return opaqueURL(scheme, rest)
	}
	return ""
}

// remote gives an absolute http or https URL for an image source, "" if it is
// none. A URL that only lacks its scheme is read as https.
func remote(value string) string {
	scheme, rest := splitURL(value)
	switch scheme {
	case "http", "https":
		return webURL(scheme, rest)
	case "":
		if len(rest) > 2 && isSlash(rest[0]) && isSlash(rest[1]) {
			return webURL("https", rest)
		}
	}
	return ""
}

// splitURL takes value apart as a browser does (WHATWG URL, basic parser):
// surrounding controls and blanks go, tabs and line ends go everywhere, the
// scheme is ASCII and folded as ASCII only. scheme is "" for a relative URL.
func splitURL(value string) (scheme, rest string) {
	if len(value) > maxURL {
		return "", ""
	}
	value = trimURL(value)
	if strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 || strings.IndexByte(value, '\t') >= 0 {
		value = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(value)
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return lowerASCII(value[:i]), value[i+1:]
		default:
			return "", value
		}
	}
	return "", value
}

// trimURL takes controls and blanks from both ends.
func trimURL(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// webURL writes an http or https URL with its two slashes and nothing in it
// that ends an attribute or an address; "" without a host.
func webURL(scheme, rest string) string {
	i := 0
	for i < len(rest) && isSlash(rest[i]) {
		i++
	}
	rest = rest[i:]
	end := strings.IndexAny(rest, "/\\?#")
	if end < 0 {
		end = len(rest)
	}
	host := rest[strings.LastIndexByte(rest[:end], '@')+1 : end]
	if host == "" || host[0] == ':' || strings.ContainsAny(rest[:end], "^|%") || quoteURL(rest[:end]) != rest[:end] {
		return ""
	}
	path, more := rest, ""
	if q := strings.IndexAny(rest, "?#"); q >= 0 {
		path, more = rest[:q], rest[q:]
	}
	return scheme + "://" + quoteURL(strings.ReplaceAll(path, `\`, "/")+more)
}

// opaqueURL writes a mailto or tel URL.
func opaqueURL(scheme, rest string) string {
	if rest == "" {
		return ""
	}
	return scheme + ":" + quoteURL(rest)
}

// quoteURL percent-encodes what is no part of a URL.
func quoteURL(s string) string {
	i := 0
	for i < len(s) && !quotedInURL[s[i]] {
		i++
	}
	if i == len(s) {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := []byte(s[:i])
	for ; i < len(s); i++ {
		if c := s[i]; !quotedInURL[c] {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// quotedInURL are the characters that quoteURL encodes.
var quotedInURL = func() (t [256]bool) {
	for c := range t {
		t[c] = c <= ' ' || c == 0x7f || strings.IndexByte("\"'<>`\\", byte(c)) >= 0
	}
	return t
}()

func isSlash(c byte) bool { return c == '/' || c == '\\' }

// lowerASCII folds A to Z and nothing else: U+212A and U+017F are no letters
// of a scheme, an element or a property (CVE-2021-29272).
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
