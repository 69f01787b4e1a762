package message

import (
	"bytes"
	"io"
	"os"
	"regexp"
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
	f.Fuzz(func(t *testing.T, raw []byte) {
		parse(t, raw)
		if !wideCharset.Match(raw) {
			sameForAllLineEnds(t, "the same", raw)
		}
	})
}

// wideCharset names the charsets in which an octet 0x0A need not be a line end, and what may hide such a name.
var wideCharset = regexp.MustCompile(`(?i)16|32|ucs|unicode|base64|=[0-9a-f]{2}|%[0-9a-f]{2}|[\x00\xfe\xff]`)

// FuzzHeader reads headers alone.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("A: b\n c\njunk\nSubject: x\n \n\nbody"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := readHeader(io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw))))
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

// FuzzCMS holds that no octets make more content than there is of them, and that going back gives
// the same again.
func FuzzCMS(f *testing.F) {
	f.Add([]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01\x01\xa0\x80\x24\x80\x04\x01A\x24\x06\x04\x01B\x04\x01C\x00\x00"))
	f.Add([]byte("\x30\x20\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x13\x30\x11\x02\x01\x01\x31\x00\x30\x0a\x06\x01\x01\xa0\x05\x04\x03ABC"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		content, err := io.ReadAll(newCMSReader(bytes.NewReader(raw)))
		if err != nil || len(content) > len(raw) {
			t.Fatalf("%d octets of %d, %v", len(content), len(raw), err)
		}
		u := &unwrapped{wrap: &Wrap{To: int64(len(raw)), Signed: true}, raw: bytes.NewReader(raw)}
		for _, from := range []int{len(content) / 2, 0} {
			got, err := io.ReadAll(io.NewSectionReader(u, int64(from), int64(len(raw))))
			if err != nil || !bytes.Equal(got, content[from:]) {
				t.Fatalf("from %d: %q of %q, %v", from, got, content, err)
			}
		}
	})
}
