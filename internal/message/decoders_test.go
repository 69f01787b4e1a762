package message

import (
	"testing"
)

// inPieces decodes src cut at every place that step gives, to hold that cuts do not matter.
func inPieces(d decoder, src []byte, step int) []byte {
	out := []byte{}
	for len(src) > 0 {
		n := min(step, len(src))
		out = d.decode(out, src[:n])
		src = src[n:]
	}
	return d.flush(out)
}

// sameInPieces holds the contract of decoder.
func sameInPieces(t *testing.T, encoding string, src []byte) []byte {
	t.Helper()
	want := string(inPieces(newDecoder(encoding), src, len(src)+1))
	for _, step := range []int{1, 2, 3, 5, 7, 64} {
		if got := string(inPieces(newDecoder(encoding), src, step)); got != want {
			t.Fatalf("%s of %q in pieces of %d: %q, at once %q", encoding, src, step, got, want)
		}
	}
	return []byte(want)
}
