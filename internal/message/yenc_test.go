package message

import "testing"

func TestYEnc(t *testing.T) {
	for in, want := range map[string]string{
		"klm":                                  "ABC",
		"=ybegin line=1\r\nkl\r\n=yend size=2": "AB",
		"a=}b":                                 "7\x138",
		"k\r\nl":                               "AB",
	} {
		if got := sameInPieces(t, "yenc", []byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := yencName([]byte("=ybegin part=1 line=128 size=9 name=a b.bin ")); got != "a b.bin" {
		t.Errorf("name %q", got)
	}
}

func FuzzYEnc(f *testing.F) {
	f.Add([]byte("=ybegin line=1 size=2 name=x\r\nkl\r\n=yend"))
	f.Fuzz(func(t *testing.T, b []byte) { sameInPieces(t, "yenc", b) })
}
