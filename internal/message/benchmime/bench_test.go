package benchmime

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	gomail "github.com/emersion/go-message/mail"
	"github.com/jhillyerd/enmime/v2"
	"github.com/klauspost/compress/zstd"

	"postern/internal/message"
)

// readers read a message whole: envelope, every part decoded. They return how many decoded octets.
var readers = []struct {
	name string
	read func(raw []byte) (int64, error)
}{
	{"postern", func(raw []byte) (int64, error) {
		m, err := message.Parse(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return 0, err
		}
		return m.Root.Size, nil
	}},
	{"net-mail", func(raw []byte) (int64, error) {
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			return 0, err
		}
		new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		m.Header.AddressList("From")
		m.Header.AddressList("To")
		m.Header.Date()
		return netPart(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	}},
	{"go-message", func(raw []byte) (int64, error) {
		e, err := gomessage.Read(bytes.NewReader(raw))
		if e == nil {
			return 0, err
		}
		h := gomail.Header{Header: e.Header}
		h.Subject()
		h.AddressList("From")
		h.AddressList("To")
		h.Date()
		var n int64
		err = e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
			if part == nil || part.MultipartReader() != nil {
				return nil
			}
			k, _ := io.Copy(io.Discard, part.Body)
			n += k
			return nil
		})
		return n, err
	}},
	{"enmime", func(raw []byte) (int64, error) {
		e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			return 0, err
		}
		e.AddressList("From")
		return int64(len(e.Text) + len(e.HTML)), nil
	}},
}

// netPart reads a part with the standard library.
func netPart(contentType, encoding string, r io.Reader) (n int64, err error) {
	kind, params, _ := mime.ParseMediaType(contentType)
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(r, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return n, nil
			}
			if err != nil {
				return n, err
			}
			k, _ := netPart(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			n += k
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	return io.Copy(io.Discard, r)
}

// each runs a benchmark for every reader; messages that a reader refuses are counted.
func each(b *testing.B, all [][]byte, skip ...string) {
	var size int64
	for _, raw := range all {
		size += int64(len(raw))
	}
	for _, r := range readers {
		if len(skip) > 0 && strings.Contains(skip[0], r.name) {
			continue
		}
		b.Run(r.name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			refused := 0
			for b.Loop() {
				refused = 0
				for _, raw := range all {
					if _, err := r.read(raw); err != nil {
						refused++
					}
				}
			}
			b.ReportMetric(float64(refused), "refused")
		})
	}
}

// BenchmarkVolume reads some thousand messages of a public corpus beside the repository; it is
// skipped without it.
func BenchmarkVolume(b *testing.B) {
	f, err := os.Open("../../../../shared/corpus/spamassassin-corpus/spamassassin-corpus.tar.zst")
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<28))
	if err != nil {
		b.Fatal(err)
	}
	defer z.Close()
	var all [][]byte
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		raw, err := io.ReadAll(t)
		if err != nil {
			b.Fatal(err)
		}
		// As POP3 delivers it: CRLF, and without the line of mbox.
		if bytes.HasPrefix(raw, []byte("From ")) {
			_, raw, _ = bytes.Cut(raw, []byte("\n"))
		}
		all = append(all, bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))
	}
	each(b, all)
}

// BenchmarkAttachment reads one message of 58 MB with an attachment of 42 MB.
func BenchmarkAttachment(b *testing.B) {
	var m bytes.Buffer
	m.WriteString("From: ann@example.com\r\nSubject: big\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n" +
		"--x\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := strings.Repeat("QUJD", 19) + "\r\n"
	for range 42_000_000 / 57 {
		m.WriteString(line)
	}
	m.WriteString("--x--\r\n")
	each(b, [][]byte{m.Bytes()})
}

// BenchmarkNested reads 2,000 multiparts one in the other, 135 kB.
func BenchmarkNested(b *testing.B) {
	var m bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&m, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	m.WriteString("\r\ndeep inside\r\n")
	each(b, [][]byte{m.Bytes()})
}
