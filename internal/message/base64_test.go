package message

import (
	"bytes"
	"encoding/base64"
	"testing"
)

func TestBase64(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"QUJD":                      "ABC",
		"QUI=":                      "AB",
		"QUI":                       "AB",
		"QQ":                        "A",
		"Q":                         "",
		"Q U\tJ\r\nD":               "ABC",
		"QUI=QUI=":                  "ABAB",
		"QUI=\r\nQUI=\r\n":          "ABAB",
		"QUJD!REVG":                 "ABCDEF",
		"QUJD====":                  "ABC",
		"=QUJD":                     "ABC",
		"QQ==\r\n____\r\nlist":      "A",
		"QQ==\r\nto unsubscribe go": "A",
		"QUJDREVGR0hJ":              "ABCDEFGHI",
	} {
		if got := sameInPieces(t, "base64", []byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("QUI=\r\nQUI=QUI\r\n--"))
	f.Add([]byte("QQ==\nnot data"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sameInPieces(t, "base64", b)
		encoded := base64.StdEncoding.EncodeToString(b)
		if got := inPieces(new(base64Decoder), []byte(encoded), 13); !bytes.Equal(got, b) {
			t.Fatalf("%q comes back as %q", b, got)
		}
	})
}
