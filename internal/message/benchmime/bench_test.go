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
	"net/textproto"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	gomail "github.com/emersion/go-message/mail"
	"github.com/jhillyerd/enmime/v2"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"postern/internal/message"
)

// readers read a message whole and return how many octets they decoded. What they have to give is the same: the fields
// of the envelope, every part decoded, and the texts, plain and HTML, as strings in UTF-8. Postern gives more: plain text
// made of HTML where there is no other, as "net-mail-text" does too, a snippet, and the tree. "net-mail-walk" gives less:
// it decodes the parts and throws them away.
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
		t, err := netTexts(raw)
		return t.octets, err
	}},
	{"net-mail-text", func(raw []byte) (int64, error) {
		t, err := netTexts(raw)
		if len(t.plain) == 0 {
			for _, page := range t.html {
				t.octets += int64(len(plainText(page)))
			}
		}
		return t.octets, err
	}},
	{"net-mail-walk", func(raw []byte) (int64, error) {
		m, err := netMessage(raw, nil)
		if err != nil {
			return 0, err
		}
		new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		m.Header.AddressList("From")
		m.Header.AddressList("To")
		m.Header.Date()
		return 0, nil
	}},
	{"go-message", func(raw []byte) (int64, error) {
		e, err := gomessage.Read(bytes.NewReader(raw))
		if e == nil {
			return 0, err
		}
		h := gomail.Header{Header: e.Header}
		for _, field := range textFields {
			h.Text(field)
		}
		for _, field := range addressFields {
			h.AddressList(field)
		}
		h.Date()
		var t texts
		err = e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
			if part == nil || part.MultipartReader() != nil {
				return nil
			}
			kind, _, _ := part.Header.ContentType()
			how, _, _ := part.Header.ContentDisposition()
			t.add(kind, how, "", part.Body) // go-message reads texts in UTF-8
			return nil
		})
		return t.octets, err
	}},
	{"enmime", func(raw []byte) (int64, error) {
		e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			return 0, err
		}
		for _, field := range textFields {
			e.GetHeader(field)
		}
		for _, field := range addressFields {
			e.AddressList(field)
		}
		e.Date()
		return int64(len(e.Text) + len(e.HTML)), nil
	}},
}

var (
	textFields    = []string{"Subject", "Message-Id", "In-Reply-To", "References", "List-Id", "List-Unsubscribe"}
	addressFields = []string{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"}
)

// texts collects what a reader has to give of the parts.
type texts struct {
	plain, html []string
	octets      int64
}

// add takes a decoded part: a text in the charset of that label, "" for UTF-8, or a file that only passes by.
func (t *texts) add(kind, disposition, label string, body io.Reader) error {
	if disposition == "attachment" || kind != "text/plain" && kind != "text/html" {
		n, err := io.Copy(io.Discard, body)
		t.octets += n
		return err
	}
	if label != "" {
		if r, err := charset.NewReaderLabel(label, body); err == nil {
			body = r
		}
	}
	b, err := io.ReadAll(body)
	t.octets += int64(len(b))
	if kind == "text/html" {
		t.html = append(t.html, string(b))
	} else {
		t.plain = append(t.plain, string(b))
	}
	return err
}

// netTexts reads a message with the standard library, its charsets with x/net/html/charset.
func netTexts(raw []byte) (t texts, err error) {
	m, err := netMessage(raw, &t)
	if err != nil {
		return t, err
	}
	words := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	for _, field := range textFields {
		words.DecodeHeader(m.Header.Get(field))
	}
	addresses := mail.AddressParser{WordDecoder: &words}
	for _, field := range addressFields {
		addresses.ParseList(m.Header.Get(field))
	}
	m.Header.Date()
	return t, nil
}

// plainText is the text of HTML in the few lines that one would write: no blocks, no lists, no quotations.
func plainText(page string) string {
	var out strings.Builder
	hidden := false
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if !hidden {
				out.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "script" || string(name) == "style" || string(name) == "title" {
				hidden = kind == html.StartTagToken
			} else if string(name) == "br" || string(name) == "p" || string(name) == "div" || string(name) == "tr" {
				out.WriteByte('\n')
			}
		}
	}
}

// netMessage reads a message with the standard library and gives its parts to t, or, t being nil, throws them away.
func netMessage(raw []byte, t *texts) (*mail.Message, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return m, netPart(textproto.MIMEHeader(m.Header), m.Body, t)
}

// netPart reads a part. What is wrong inside a part is not counted as a refusal.
func netPart(h textproto.MIMEHeader, r io.Reader, t *texts) error {
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(r, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			netPart(p.Header, p, t)
		}
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	if t == nil {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	if kind == "" {
		kind = "text/plain"
	}
	how, _, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	return t.add(kind, how, params["charset"], r)
}

// each runs a benchmark for every reader but those to skip; messages that a reader refuses are counted.
func each(b *testing.B, all [][]byte, skip ...string) {
	var size int64
	for _, raw := range all {
		size += int64(len(raw))
	}
	for _, r := range readers {
		if slices.Contains(skip, r.name) {
			continue
		}
		b.Run(r.name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			refused := 0
			runtime.GC()
			began := processorTime()
			for b.Loop() {
				refused = 0
				for _, raw := range all {
					if _, err := r.read(raw); err != nil {
						refused++
					}
				}
			}
			b.ReportMetric(float64(processorTime()-began)/1e6/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(refused), "refused")
		})
	}
}

// processorTime is what the process has used of the processors, which other work on the machine hardly changes.
func processorTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkVolume reads some thousand messages of a public corpus beside the repository; it is
// skipped without it.
func BenchmarkVolume(b *testing.B) { each(b, volume(b)) }

// BenchmarkPlain reads those of them that have a plain text: no reader has to make one of HTML.
func BenchmarkPlain(b *testing.B) {
	each(b, slices.DeleteFunc(volume(b), func(raw []byte) bool {
		t, err := netTexts(raw)
		return err != nil || len(t.plain) == 0
	}), "enmime")
}

func volume(b *testing.B) (all [][]byte) {
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
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return all
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

// BenchmarkNested reads 2,000 multiparts one in the other, 114 kB. enmime is left out: it had not read them three times
// after nine minutes.
func BenchmarkNested(b *testing.B) {
	var m bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&m, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	m.WriteString("\r\ndeep inside\r\n")
	each(b, [][]byte{m.Bytes()}, "enmime")
}
