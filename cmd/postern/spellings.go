package main

import (
	"bytes"
	"crypto/sha256"
)

// spellings are the SHA-256 sums of a message as it stands, first, and in the other ways in which
// files hold the same message: with LF or CRLF, with a line end at its end or without.
func spellings(raw []byte) [][sha256.Size]byte {
	sums := [][sha256.Size]byte{sha256.Sum256(raw)}
	lf := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	crlf := bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n"))
	for _, form := range [][]byte{raw, lf, crlf} {
		if !bytes.Equal(form, raw) {
			sums = append(sums, sha256.Sum256(form))
		}
		if other, had := bytes.CutSuffix(form, []byte("\n")); !had {
			for _, eol := range []string{"\n", "\r\n"} {
				sums = append(sums, sha256.Sum256(append(other[:len(other):len(other)], eol...)))
			}
		} else {
			sums = append(sums, sha256.Sum256(other))
			if other, had = bytes.CutSuffix(other, []byte("\r")); had {
				sums = append(sums, sha256.Sum256(other))
			}
		}
	}
	return sums
}
