package store

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/internal/message"
)

func TestReadingIsUnpacked(t *testing.T) {
	m := &message.Message{
		Envelope: message.Envelope{Subject: "two\nlines, 发票", MessageID: "one@mail.example.com", To: []message.Address{{Name: "Ann", Address: "ann@example.com"}}},
		Root:     &message.Part{Type: "multipart/mixed", Parts: []*message.Part{{Path: "1", Type: "text/plain"}, {Path: "2", Type: "image/png", Filename: "a\nb.png"}}},
		Defects:  []string{"a sentence", "another\none"},
	}
	r, err := newReading(m)
	if err != nil {
		t.Fatal(err)
	}
	plain := bytes.Join([][]byte{r.envelope, r.structure, r.defects}, []byte("\n"))
	packed := r.pack()
	if len(packed) > len(plain)/2 {
		t.Errorf("%d octets take %d", len(plain), len(packed))
	}
	for name, stored := range map[string][]byte{"packed": packed, "of before": plain} {
		var got Message
		if err := got.take(stored); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(&Message{Envelope: m.Envelope, Structure: m.Root, Defects: m.Defects}, &got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDamagedReadingIsAnError(t *testing.T) {
	r, err := newReading(&message.Message{Root: &message.Part{Type: "text/plain"}})
	if err != nil {
		t.Fatal(err)
	}
	whole := r.pack()
	for n := range len(whole) {
		if err := new(Message).take(whole[:n]); err == nil {
			t.Errorf("the first %d of %d octets are taken", n, len(whole))
		}
	}
	for _, stored := range []string{"", "{}", "{}\nnull", "{}\n{\n[]", "{}\nnull\nnull\nnull", "\n\n"} {
		if err := new(Message).take([]byte(stored)); err == nil {
			t.Errorf("%q is taken", stored)
		}
	}
}
