package unbase64

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// lines cuts base64 of octets into lines of n characters.
func lines(octets []byte, n int, eol string) string {
	var b strings.Builder
	for s := base64.StdEncoding.EncodeToString(octets); s != ""; {
		k := min(n, len(s))
		b.WriteString(s[:k] + eol)
		s = s[k:]
	}
	return b.String()
}

func random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func TestRestored(t *testing.T) {
	chinese := []byte(strings.Repeat("您好,附件是本月的发票。", 40))
	body := lines(chinese, 76, "\r\n")
	for _, test := range []struct {
		name, octets string
		runs         int
	}{
		{"nothing", "", 0},
		{"words", "Dear all,\r\n\r\nthis is no base64.\r\n", 0},
		{"mail", "Subject: x\r\n\r\n" + body, 1},
		{"two parts", "--b\r\n\r\n" + body + "\r\n--b\r\n\r\n" + lines(random(1000), 72, "\r\n") + "--b--\r\n", 2},
		{"LF", "Subject: x\n\n" + lines(chinese, 64, "\n"), 1},
		{"full last line", lines(random(570), 76, "\r\n"), 1},
		{"one octet more", lines(random(571), 76, "\r\n") + "after", 1},
		{"two octets more", lines(random(572), 76, "\r\n") + "after", 1},
		{"cut in a line", body[:500], 1},
		{"cut after CR", body[:77], 0},
		{"cut before LF of a last line", strings.TrimSuffix(body, "\n"), 1},
		{"begins in a line", body[30:], 1},
		{"one line", lines(random(57), 76, "\r\n"), 0},
		{"a long line", lines(random(600), 800, "\r\n"), 0},
		{"long lines", lines(random(6000), 800, "\r\n"), 1},
		{"too long lines", lines(random(6000), 1004, "\r\n"), 0},
		{"other ends in between", lines(random(570), 76, "\r\n") + lines(random(570), 76, "\n"), 2},
		{"blanks at the ends", strings.ReplaceAll(body, "\r\n", " \r\n"), 0},
		{"padding in the middle", lines(random(56), 76, "\r\n") + lines(random(56), 76, "\r\n"), 0},
		{"bits in the padding", lines(random(57), 76, "\r\n") + "QUJDRB==\r\n", 0},
		{"a CR in a line", body[:20] + "\r" + body[21:], 1},
		{"four of them", body[:100] + "\r\r\r\r" + body[104:], 1},
		{"padding alone", lines(random(57), 76, "\r\n") + "====\r\n", 0},
		{"other alphabet", strings.NewReplacer("+", "-", "/", "_").Replace(lines(bytes.Repeat([]byte{0xfb, 0xff}, 300), 76, "\r\n")), 0},
		{"empty line in between", body + "\r\n" + body, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			shrunk, found := Shrink([]byte("before"), []byte(test.octets))
			if !found {
				if test.runs > 0 {
					t.Error("no base64 is found")
				}
				return
			}
			shrunk = shrunk[len("before"):]
			if int(shrunk[0]) != test.runs {
				t.Errorf("%d runs are found, want %d", shrunk[0], test.runs)
			}
			got, err := Restore([]byte("before"), shrunk, len(test.octets))
			if err != nil || string(got) != "before"+test.octets {
				t.Fatalf("restored is %q and %v, want %q", got, err, test.octets)
			}
			if _, err := Restore(nil, shrunk, len(test.octets)-1); !errors.Is(err, ErrMalformed) {
				t.Errorf("more octets than asked for give %v", err)
			}
		})
	}
}

// A line that may begin a run, again and again, costs no more than its own length each time.
func BenchmarkShrink(b *testing.B) {
	mail := lines(random(150<<10), 76, "\r\n")
	text := strings.Repeat("It is a truth universally acknowledged, that a single man in possession\r\n", 3000)
	alone := strings.Repeat(strings.Repeat("a", 44)+"\r\nnot base64\r\n", 4000)
	for name, s := range map[string]string{"base64": mail, "text": text, "alone": alone} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			var buf []byte
			for b.Loop() {
				buf, _ = Shrink(buf[:0], []byte(s))
			}
		})
	}
}

func BenchmarkRestore(b *testing.B) {
	mail := lines(random(150<<10), 76, "\r\n")
	shrunk, _ := Shrink(nil, []byte(mail))
	b.SetBytes(int64(len(mail)))
	var buf []byte
	for b.Loop() {
		var err error
		if buf, err = Restore(buf[:0], shrunk, len(mail)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzShrink(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\n" + lines([]byte(strings.Repeat("您好", 100)), 76, "\r\n") + "\r\n"))
	f.Add([]byte(lines(random(200), 40, "\n") + lines(random(201), 44, "\r\n")))
	f.Add([]byte(strings.Repeat("=", 80) + "\n"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		shrunk, found := Shrink(nil, octets)
		if !found {
			return
		}
		got, err := Restore(nil, shrunk, len(octets))
		if err != nil || !bytes.Equal(got, octets) {
			t.Fatalf("restored is %q and %v, want %q", got, err, octets)
		}
		if len(shrunk) >= len(octets) {
			t.Errorf("%d octets became %d", len(octets), len(shrunk))
		}
	})
}

// Octets that were changed are refused or restored to something of the length asked for,
// and neither takes long nor much memory.
func FuzzRestore(f *testing.F) {
	shrunk, _ := Shrink(nil, []byte("x\r\n"+lines(random(200), 76, "\r\n")+"y"))
	f.Add(shrunk, 300)
	f.Add([]byte(fmt.Sprint("\xff\xff\xff\xff\x0f")), 1<<18)
	f.Add([]byte{1, 0, 3, 9, 'a', 'b', 'c'}, 10)
	f.Fuzz(func(t *testing.T, shrunk []byte, most int) {
		most = min(max(most, 0), 1<<18)
		got, err := Restore(nil, shrunk, most)
		if err == nil && len(got) > most {
			t.Errorf("%d octets restored, at most %d were asked for", len(got), most)
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("error %v", err)
		}
	})
}
