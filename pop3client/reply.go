package pop3client

import (
	"bytes"
	"strings"
)

// status is the first token of a reply.
type status int

const (
	statusBad      status = iota // not POP3
	statusOK                     // +OK
	statusErr                    // -ERR
	statusContinue               // + (a challenge, RFC 5034)
)

// parseStatus splits a status line into its token and the text behind it. The
// token is matched whole, without regard to case: "+OKAY" or "+ERR" is bad. A
// challenge may follow its "+" without a blank.
func parseStatus(line []byte) (status, []byte) {
	switch {
	case hasToken(line, "+OK"):
		return statusOK, trimBlanks(line[3:])
	case hasToken(line, "-ERR"):
		return statusErr, trimBlanks(line[4:])
	case len(line) > 0 && line[0] == '+' && !looksLikeStatus(line[1:]):
		return statusContinue, trimBlanks(line[1:])
	}
	return statusBad, nil
}

// hasToken tells whether line is token, or begins with it and a blank.
func hasToken(line []byte, token string) bool {
	n := len(token)
	if len(line) < n || !strings.EqualFold(string(line[:n]), token) {
		return false
	}
	return len(line) == n || line[n] == ' ' || line[n] == '\t'
}

// looksLikeStatus tells a mangled +OK or -ERR ("+OKAY", "+ERR") from a
// challenge written without its blank: base64 comes in groups of four.
func looksLikeStatus(rest []byte) bool {
	upper := bytes.ToUpper(rest[:min(len(rest), 3)])
	return bytes.HasPrefix(upper, []byte("OK")) || bytes.HasPrefix(upper, []byte("ERR"))
}

func trimBlanks(b []byte) []byte { return bytes.Trim(b, " \t") }

// splitCode takes a response code in brackets off the text of an -ERR reply
// (RFC 2449, section 8). What is not of that shape stays text.
func splitCode(text []byte) (Code, []byte) {
	if len(text) == 0 || text[0] != '[' {
		return "", text
	}
	end := bytes.IndexByte(text, ']')
	if end < 2 || end > 64 {
		return "", text
	}
	for _, c := range text[1:end] {
		if c <= ' ' || c >= 0x7f || c == '[' {
			return "", text
		}
	}
	return Code(bytes.ToUpper(text[1:end])), trimBlanks(text[end+1:])
}

// shorten keeps the first max octets of a server's text.
func shorten(text []byte, max int) string {
	if max >= 0 && len(text) > max {
		return string(text[:max]) + "..."
	}
	return string(text)
}
