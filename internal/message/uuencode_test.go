package message

import "testing"

func TestUuencode(t *testing.T) {
	for in, want := range map[string]string{
		"begin 644 cat.txt\n#0V%T\n`\nend\n": "Cat",
		"#0V%T":                              "Cat",
		"#0V%T\r\n#0V%T\r\n":                 "CatCat",
		"!00\n":                              "A",
		"no data here, just text\n":          "",
		"end\n":                              "",
	} {
		if got := sameInPieces(t, "uuencode", []byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for line, want := range map[string]string{
		"begin 644 a.txt":        "a.txt",
		"begin 0755 a b.txt ":    "a b.txt",
		"begin 999 a.txt":        "",
		"begin the day":          "",
		"begin 644":              "",
		"begin 644 ../../passwd": "../../passwd",
	} {
		if got, ok := uuBegin([]byte(line)); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", line, got, ok, want)
		}
	}
}

func FuzzUuencode(f *testing.F) {
	f.Add([]byte("begin 644 cat.txt\n#0V%T\n`\nend\n"))
	f.Fuzz(func(t *testing.T, b []byte) { sameInPieces(t, "uuencode", b) })
}
