package message

import (
	"strings"
	"testing"
)

// compressedRTF is the example of [MS-OXRTFCP] §3.1.
const compressedRTF = "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7" +
	"\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"

func TestRTF(t *testing.T) {
	if n := len(rtfDictionary); n != 207 {
		t.Fatalf("the dictionary has %d octets", n)
	}
	want := "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
	if got := string(sameInPieces(t, "rtf", []byte(compressedRTF))); got != want {
		t.Errorf("compressed: %q", got)
	}
	stored := "\x0f\x00\x00\x00\x03\x00\x00\x00MELA\x00\x00\x00\x00abc"
	if got := string(sameInPieces(t, "rtf", []byte(stored))); got != "abc" {
		t.Errorf("stored: %q", got)
	}
	for n := range len(compressedRTF) {
		if got := sameInPieces(t, "rtf", []byte(compressedRTF[:n])); !strings.HasPrefix(want, string(got)) {
			t.Errorf("cut at %d: %q", n, got)
		}
	}
}

// FuzzRTF holds that nothing grows more than the format allows.
func FuzzRTF(f *testing.F) {
	f.Add([]byte(compressedRTF))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := sameInPieces(t, "rtf", b); len(got) > 17*len(b) {
			t.Fatalf("%d octets of %d", len(got), len(b))
		}
	})
}
