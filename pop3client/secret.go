package pop3client

import (
	"bytes"
	"encoding/base64"
	"slices"
)

const blanked = "[secret]"

// secrets are what has been sent in the course of a login and must not come
// back in an error or a trace, in case the server repeats it.
type secrets [][]byte

// add notes a credential, and its base64 form.
func (s *secrets) add(credential []byte) {
	s.keep(credential)
	s.keep([]byte(base64.StdEncoding.EncodeToString(credential)))
}

// keep notes text as it goes over the wire.
func (s *secrets) keep(text []byte) {
	if len(text) == 0 {
		return
	}
	*s = append(*s, bytes.Clone(text))
	// The longest first: one may be part of another.
	slices.SortFunc(*s, func(a, b []byte) int { return len(b) - len(a) })
}

// addResponse notes a SASL response: all of it, and each part between NULs or
// ^A as PLAIN, XOAUTH2 and OAUTHBEARER have them.
func (s *secrets) addResponse(response []byte) {
	s.add(response)
	for _, part := range bytes.FieldsFunc(response, func(r rune) bool { return r == 0 || r == 1 }) {
		s.add(part)
	}
}

// blank replaces every credential in text, whatever its case.
func (s secrets) blank(text []byte) []byte {
	if len(s) == 0 || len(text) == 0 {
		return text
	}
	for _, credential := range s {
		text = replaceFold(text, credential)
	}
	return text
}

// replaceFold blanks each occurrence of old in text without regard to the case
// of ASCII letters.
func replaceFold(text, old []byte) []byte {
	lowText, lowOld := lowerASCII(text), lowerASCII(old)
	var out []byte
	for {
		i := bytes.Index(lowText, lowOld)
		if i < 0 {
			return append(out, text...)
		}
		out = append(append(out, text[:i]...), blanked...)
		text, lowText = text[i+len(old):], lowText[i+len(old):]
	}
}

func lowerASCII(b []byte) []byte {
	low := bytes.Clone(b)
	for i, c := range low {
		if 'A' <= c && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	return low
}
