package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"runtime"
	"testing"
)

// bigMail is a message with an attachment of n octets in base64.
func bigMail(n int) []byte {
	var b bytes.Buffer
	b.WriteString("From: Ann <ann@example.com>\r\nSubject: big\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: text/plain\r\n\r\nHello Bob.\r\n" +
		"--x\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	data := make([]byte, 57)
	for i := range data {
		data[i] = byte(i * 7)
	}
	line := base64.StdEncoding.EncodeToString(data) + "\r\n"
	for range n / len(data) {
		b.WriteString(line)
	}
	b.WriteString("--x--\r\n")
	return b.Bytes()
}

func BenchmarkBigAttachment(b *testing.B) {
	raw := bigMail(42_000_000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(bytes.NewReader(raw), int64(len(raw))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFixtures(b *testing.B) {
	var all [][]byte
	n := 0
	for _, path := range fixtures(b) {
		raw, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, raw)
		n += len(raw)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		for _, raw := range all {
			if _, err := Parse(bytes.NewReader(raw), int64(len(raw))); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkVolume reads the volume corpus; it is skipped without it.
func BenchmarkVolume(b *testing.B) {
	var all [][]byte
	n := 0
	volume(b, func(_ string, raw []byte) {
		all = append(all, raw)
		n += len(raw)
	})
	if n == 0 {
		b.Skip("no corpus")
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		for _, raw := range all {
			if _, err := Parse(bytes.NewReader(raw), int64(len(raw))); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkStructures(b *testing.B) {
	for name, raw := range map[string][]byte{
		"10000 nested":       nested(10_000),
		"200000 empty parts": emptyParts(200_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(bytes.NewReader(raw), int64(len(raw))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestMemoryOfBigMail holds that the memory does not grow with an attachment.
func TestMemoryOfBigMail(t *testing.T) {
	raw := bigMail(20_000_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := Parse(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d octets allocated for a message of %d", n, len(raw))
	}
	if want := int64(20_000_000 / 57 * 57); m.Root.Parts[1].Size != want {
		t.Errorf("size %d, want %d", m.Root.Parts[1].Size, want)
	}
	if fmt.Sprint(m.Defects) != "[]" {
		t.Error(m.Defects)
	}
}
