package message

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func TestQuotedPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"a=3Db":                                "a=b",
		"=c3=A9":                               "é",
		"soft=\r\nline":                        "softline",
		"soft=  \nline":                        "softline",
		"soft=\rline":                          "softline",
		"end=":                                 "end",
		"end=4":                                "end=4",
		"a = b":                                "a = b",
		"==\r\nx":                              "=x",
		"x==":                                  "x=",
		"=XY":                                  "=XY",
		"=4G":                                  "=4G",
		"trail \t\r\nx":                        "trail\r\nx",
		"trail  ":                              "trail",
		"raw \xe9":                             "raw \xe9",
		"= \tx":                                "= \tx",
		"=\r\r\n":                              "\r\n",
		strings.Repeat("a", plainRun) + "\nb":  strings.Repeat("a", plainRun) + "\nb",
		strings.Repeat("a", plainRun) + " \nb": strings.Repeat("a", plainRun) + "\nb",
	} {
		if got := sameInPieces(t, "quoted-printable", []byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzQuotedPrintable(f *testing.F) {
	f.Add([]byte("a=3D=\r\n =C3=\n=\r= "))
	f.Fuzz(func(t *testing.T, b []byte) {
		sameInPieces(t, "quoted-printable", b)
		// What the standard library writes and reads back is read alike.
		var encoded bytes.Buffer
		w := quotedprintable.NewWriter(&encoded)
		w.Binary = true
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(encoded.Bytes())))
		if err != nil {
			return
		}
		if got := inPieces(new(qpDecoder), encoded.Bytes(), 11); !bytes.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", encoded.Bytes(), got, want)
		}
	})
}
