package message

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// signedData puts content into a SignedData, as one octet string and as several of unknown length.
func signedData(content string) (whole, pieces []byte) {
	const head = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x80\x30\x00\x00\x00\x30\x80\x06\x01\x01\xa0\x80"
	length := func(n int) string { return string([]byte{0x83, byte(n >> 16), byte(n >> 8), byte(n)}) }
	whole = []byte("\x30\x80" + head + "\x04" + length(len(content)) + content + "and a signature")
	var parts strings.Builder
	for rest := content; rest != ""; {
		n := min(len(rest), 100)
		parts.WriteString("\x24\x80\x04" + length(n) + rest[:n] + "\x00\x00")
		rest = rest[n:]
	}
	return whole, []byte("\x30\x80" + head + "\x24" + length(parts.Len()) + parts.String() + "and a signature")
}

func TestCMS(t *testing.T) {
	content := strings.Repeat("Subject: inside\r\n\r\nall of it\r\n", 1000)
	whole, pieces := signedData(content)
	for name, raw := range map[string][]byte{"whole": whole, "pieces": pieces} {
		got, err := io.ReadAll(newCMSReader(bytes.NewReader(raw)))
		if err != nil || string(got) != content {
			t.Errorf("%s: %d octets of %d, %v", name, len(got), len(content), err)
		}
		cut, err := io.ReadAll(newCMSReader(bytes.NewReader(raw[:2000])))
		if err != nil || len(cut) < 1500 || !strings.HasPrefix(content, string(cut)) {
			t.Errorf("%s, cut off: %d octets, %v", name, len(cut), err)
		}
	}
	for _, none := range []string{"", "\x30", "PK\x03\x04", string(whole[:30]), "\x30\x89\x01", strings.Replace(string(whole), "\x01\x07\x02", "\x01\x07\x03", 1)} {
		if got, err := io.ReadAll(newCMSReader(strings.NewReader(none))); err != nil || len(got) > 0 {
			t.Errorf("%.20q: %.20q, %v", none, got, err)
		}
	}
}

// TestWrappedInTurn reads a message in base64 in a signature in a message, and its attachment.
func TestWrappedInTurn(t *testing.T) {
	inner := "Subject: innermost\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nthe text\r\n" +
		"--x\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nthe file\r\n--x--\r\n"
	for range maxWraps {
		signed, _ := signedData(inner)
		inner = "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + string(signed)
	}
	m := parse(t, []byte("From: ann@example.com\r\nSubject: outermost\r\n"+inner))
	if !strings.Contains(m.Text, "the text") {
		t.Errorf("text %q", m.Text)
	}
	file := m.Root.Attachments()[len(m.Root.Attachments())-1]
	got, err := io.ReadAll(file.Open(strings.NewReader("From: ann@example.com\r\nSubject: outermost\r\n" + inner)))
	if err != nil || string(got) != "the file" || file.Filename != "a.txt" {
		t.Errorf("%s holds %q, %v", file.Filename, got, err)
	}
}

// TestManyWrappedParts holds that the texts in a wrap are decoded in one pass.
func TestManyWrappedParts(t *testing.T) {
	content := "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("preamble\r\n", 100_000) + strings.Repeat("--x\r\n\r\na text\r\n", maxParts)
	signed, _ := signedData(content)
	raw := append([]byte("Content-Type: application/pkcs7-mime\r\n\r\n"), signed...)
	counting := &countingReader{ReaderAt: bytes.NewReader(raw)}
	m, err := Parse(counting, int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(m.Text, "a text"); n < maxWrapped-3 || counting.n > 20*int64(len(raw)) {
		t.Errorf("%d texts, %d octets read of %d", n, counting.n, len(raw))
	}
}

type countingReader struct {
	io.ReaderAt
	n int64
}

func (c *countingReader) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, off)
	c.n += int64(n)
	return n, err
}
