package message

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// nested makes n multiparts one inside the other.
func nested(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\ndeep inside\r\n")
	return b.Bytes()
}

func emptyParts(n int) []byte {
	return append([]byte("Content-Type: multipart/mixed; boundary=x\r\n\r\n"), bytes.Repeat([]byte("--x\r\n\r\n\r\n"), n)...)
}

func siblings(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Content-Type: multipart/mixed; boundary=x\r\n\r\n")
	for i := range n {
		fmt.Fprintf(&b, "--x\r\nContent-Type: multipart/mixed\r\n\r\nno boundary %d here\r\n", i)
	}
	return b.Bytes()
}

// repeated is a family of hostile messages: a beginning, and n times the same.
func repeated(head, s string) func(int) []byte {
	return func(n int) []byte { return []byte(head + strings.Repeat(s, n)) }
}

// hostile are families whose reading must take time in proportion to their length.
var hostile = map[string]func(n int) []byte{
	"nested multiparts":        nested,
	"empty parts":              emptyParts,
	"multiparts w/o boundary":  siblings,
	"nested messages":          repeated("", "Content-Type: message/rfc822\r\n\r\n"),
	"boundary-like lines":      repeated("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n", "--y\r\n--x-\r\n"),
	"bare CR":                  repeated("A: b\r\rC", "\rD"),
	"CR CR LF":                 repeated("A: b\r\r\n\r\r\n", "\r\r\nD"),
	"header lines":             repeated("", "X-A: b\r\n"),
	"folded header":            repeated("Subject: a\r\n", " b\r\n"),
	"junk in the header":       repeated("Subject: a\r\n", "junk\r\nFrom: b@example.com\r\n"),
	"blank lines first":        repeated("", "\r\n"),
	"lines of blanks":          repeated("Subject: a\r\n", " \r\n"),
	"open encoded words":       repeated("Subject: ", "=?utf-8?q?x "),
	"half encoded words":       repeated("Subject: ", "=?a?"),
	"encoded words":            repeated("Subject: ", "=?utf-8?q?=E4=BE?= "),
	"ISO-2022 words":           repeated("Subject: ", "=?iso-2022-jp?b?GyRCJUYl?= "),
	"open quotes":              repeated("From: ", `"a <b@c>,`),
	"open brackets":            repeated("From: ", "<a"),
	"open comments":            repeated("From: ", "(a"),
	"colons":                   repeated("To: ", "a:"),
	"groups":                   repeated("To: ", "a:b,"),
	"commas":                   repeated("To: ", "a,b <c@d>,"),
	"bare names":               repeated("To: ", "a, "),
	"parameters":               repeated("Content-Type: text/plain; ", "a=b; "),
	"parameter comments":       repeated("Content-Type: text/plain; ", "("),
	"parameter blanks":         repeated("Content-Type: text/plain; a=", " b "),
	"open parameter":           repeated("Content-Type: text/plain; a=\"", "; b "),
	"continuations":            repeated("Content-Type: text/plain; ", "n*1*=b; "),
	"semicolons":               repeated("Content-Type: text/plain", ";"),
	"references":               repeated("References: ", "<a@b> "),
	"open references":          repeated("References: ", "<"),
	"base64":                   repeated("Content-Transfer-Encoding: base64\r\n\r\n", "QUI=\r\n"),
	"base64 without line ends": repeated("Content-Transfer-Encoding: base64\r\n\r\n", "QUJD"),
	"equals signs":             repeated("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "="),
	"QP blanks":                repeated("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=   "),
	"uuencode":                 repeated("\r\n\r\n", "begin 644 a\r\n#86)C\r\n"),
	"yEnc":                     repeated("\r\n\r\n", "=ybegin line=1 size=1 name=a\r\n"),
	"flowed":                   repeated("Content-Type: text/plain; format=flowed\r\n\r\n", ">a \r\n>>b \r\n"),
	"HTML tags":                repeated("Content-Type: text/html\r\n\r\n", "<div><blockquote>"),
	"HTML open tag":            repeated("Content-Type: text/html\r\n\r\n<a ", "b=c "),
	"HTML comment":             repeated("Content-Type: text/html\r\n\r\n", "<!--"),
	"HTML raw text":            repeated("Content-Type: text/html\r\n\r\n<style>", "</styl"),
	"UTF-7":                    repeated("Content-Type: text/plain; charset=utf-7\r\n\r\n", "+AGE-"),
	"HTML lists":               repeated("Content-Type: text/html\r\n\r\n", "<ul><li>"),
	"HTML ampersands":          repeated("Content-Type: text/html\r\n\r\n", "&"),
	"HTML in two charsets":     repeated("Content-Type: text/html\r\n\r\n", "<meta charset="),
	"quotes":                   repeated("\r\n\r\n", ">"),
	"signatures":               repeated("\r\n\r\n", "-- \r\n"),
	"replies":                  repeated("Subject: ", "Re["),
	"events":                   repeated("Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\n"),
	"S/MIME":                   repeated("Content-Type: application/pkcs7-mime\r\n\r\n0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x800\x80\x02\x01\x011\x000\x80\x06\x01\x01\xa0\x80", "$\x80"),
	"TNEF":                     repeated("Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00", "\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00"),
	"HZ":                       repeated("Content-Type: text/plain; charset=hz-gb-2312\r\n\r\n", "~{<:~}"),
	"ISO-2022-KR":              repeated("Content-Type: text/plain; charset=iso-2022-kr\r\n\r\n", "\x1b$)C\x0e"),
	"half characters":          repeated("Content-Type: text/plain; charset=gb18030\r\n\r\n", "\x81\x30"),
	"surrogates":               repeated("Content-Type: text/plain; charset=utf-16\r\n\r\n", "\x00\xd8"),
	"8-bit":                    repeated("Content-Type: text/plain; charset=x\r\n\r\n", "\xa4\xe9\xff "),
}

// TestLinearSteps counts the work of the scanner and of the search for boundaries: twice the
// message may not take more than twice the steps, with room for what is done once.
func TestLinearSteps(t *testing.T) {
	for name, make := range hostile {
		small, large := make(2000), make(8000)
		a, b := steps(small), steps(large)
		if limit := 4*a + 4*a/5 + 2*maxLookahead; b > limit {
			t.Errorf("%s: %d steps for %d octets, %d for %d", name, a, len(small), b, len(large))
		}
		if b > int64(8*len(large))+2*maxLookahead {
			t.Errorf("%s: %d steps for %d octets", name, b, len(large))
		}
	}
}

func steps(b []byte) int64 {
	p := newParser(bytes.NewReader(b), int64(len(b)))
	defer p.release()
	p.run()
	return p.s.steps
}

// TestLinearTime reads every hostile family whole, decoders and text included. The limit is far
// above what a linear reading takes and far below what a quadratic one does.
func TestLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for name, make := range hostile {
		b := make(150_000)
		start := time.Now()
		m, err := Parse(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		d := time.Since(start)
		checkTree(t, m, b)
		if d > 10*time.Second { // on a busy machine, with the race detector, some take three
			t.Errorf("%s: %v for %d octets", name, d, len(b))
		}
		if testing.Verbose() {
			t.Logf("%-26s %8d octets %v", name, len(b), d.Round(time.Millisecond))
		}
	}
}

// TestLinearCards holds that reports and cards cost no more memory than a few times their octets, however many there are
// and however they are folded.
func TestLinearCards(t *testing.T) {
	for name, part := range map[string]string{
		"folded reports":          "Content-Type: message/delivery-status\r\n\r\nA: b\r\n" + strings.Repeat(" c\r\n", 20_000),
		"folded receipts":         "Content-Type: message/disposition-notification\r\n\r\nA: b\r\n" + strings.Repeat(" c\r\n", 20_000),
		"folded invitations":      "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + strings.Repeat(" c\r\n", 50_000),
		"contacts with soft ends": "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nN;ENCODING=QUOTED-PRINTABLE:=\r\n" + strings.Repeat("N=\r\n", 50_000),
		"contacts of many lines":  "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\n" + strings.Repeat("N;ENCODING=QUOTED-PRINTABLE:=\r\n", 8_000),
	} {
		raw := []byte("Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n"+part, 40))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Parse(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		ReadCards(m.Root, bytes.NewReader(raw))
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 8*uint64(len(raw)) {
			t.Errorf("%s: %d octets allocated for %d", name, n, len(raw))
		}
	}
}
