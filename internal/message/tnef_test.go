package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"testing"
	"unicode/utf16"
)

// tnefWriter packs attachments as Outlook does, for the tests.
type tnefWriter struct{ bytes.Buffer }

func newTNEF() *tnefWriter {
	w := &tnefWriter{}
	w.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
	return w
}

func (w *tnefWriter) attribute(level byte, id uint32, data []byte) {
	w.WriteByte(level)
	w.uint32(id)
	w.uint32(uint32(len(data)))
	w.Write(data)
	sum := uint16(0)
	for _, c := range data {
		sum += uint16(c)
	}
	w.Write(binary.LittleEndian.AppendUint16(nil, sum))
}

func (w *tnefWriter) uint32(v uint32) { w.Write(binary.LittleEndian.AppendUint32(nil, v)) }

// longName is a block of properties with PR_ATTACH_LONG_FILENAME in UTF-16.
func longName(name string) []byte {
	w := &tnefWriter{}
	w.uint32(1)
	w.uint32(mapiLongFilename<<16 | 0x1f)
	w.uint32(1)
	units := utf16.Encode([]rune(name + "\x00"))
	w.uint32(uint32(2 * len(units)))
	for _, u := range units {
		w.Write(binary.LittleEndian.AppendUint16(nil, u))
	}
	for w.Len()%4 != 0 {
		w.WriteByte(0)
	}
	return w.Bytes()
}

func sampleTNEF() []byte {
	w := newTNEF()
	w.attribute(1, tnefCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}) // 1251
	w.attribute(2, tnefRendData, make([]byte, 14))
	w.attribute(2, tnefTitle, []byte("\xc8\xec\xff.txt\x00"))
	w.attribute(2, tnefData, []byte("first file"))
	w.attribute(2, tnefRendData, make([]byte, 14))
	w.attribute(2, tnefTitle, []byte("LONGNA~1.PDF\x00"))
	w.attribute(2, tnefData, []byte("%PDF second"))
	w.attribute(2, tnefAttachment, longName("例子 long name.pdf"))
	return w.Bytes()
}

func winmail(tnef []byte) []byte {
	return []byte("From: ann@example.com\r\nSubject: winmail\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(tnef) + "\r\n")
}

func TestTNEF(t *testing.T) {
	raw := winmail(sampleTNEF())
	m := parse(t, raw)
	list := m.Root.Attachments()
	want := []struct{ path, name, mediaType, data string }{
		{"1.1", "Имя.txt", "text/plain", "first file"},
		{"1.2", "例子 long name.pdf", "application/pdf", "%PDF second"},
	}
	if len(list) != len(want) {
		t.Fatalf("%d attachments", len(list))
	}
	for i, w := range want {
		data, err := io.ReadAll(list[i].Open(bytes.NewReader(raw)))
		if err != nil || list[i].Path != w.path || list[i].Filename != w.name || list[i].Type != w.mediaType || string(data) != w.data {
			t.Errorf("%+v: %q, %v", list[i], data, err)
		}
	}
}

// TestDamagedTNEF holds that a stream that ends anywhere is listed as far as it goes.
func TestDamagedTNEF(t *testing.T) {
	whole := sampleTNEF()
	for n := range whole {
		m := parse(t, winmail(whole[:n]))
		if len(m.Root.Attachments()) == 0 {
			t.Fatalf("cut at %d: nothing is listed", n)
		}
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(sampleTNEF())
	f.Fuzz(func(t *testing.T, b []byte) { parse(t, winmail(b)) })
}
