package message

import (
	"bytes"
	"os"
	"testing"
)

// FuzzParse holds the properties of every reading: see checkTree. What has only LF reads the same
// with CRLF and CR.
func FuzzParse(f *testing.F) {
	for _, path := range fixtures(f) {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(raw) < 4000 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) { parse(t, raw) })
}

// FuzzHeader reads headers alone.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("A: b\n c\njunk\nSubject: x\n \n\nbody"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := readHeaderAt(bytes.NewReader(raw), 0, int64(len(raw)))
		total := 0
		for _, field := range h {
			total += len(field.value)
			if bytes.ContainsAny(field.value, "\r\n\x00") {
				t.Fatalf("%s: %q", field.name, field.value)
			}
		}
		if total > len(raw)+len(h) {
			t.Fatalf("%d octets of %d", total, len(raw))
		}
	})
}
