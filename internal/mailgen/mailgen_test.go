package mailgen

import (
	"bytes"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"
)

func TestMessagesFollowFromTheirNumbers(t *testing.T) {
	a, b := New(1, 1000), New(1, 1000)
	for _, n := range []int{999, 0, 500} {
		first := a.Message(n)
		again := b.Message(n)
		if !bytes.Equal(first.Raw, again.Raw) || first.Received != again.Received || !slices.Equal(first.Labels, again.Labels) {
			t.Errorf("message %d differs when it is made again", n)
		}
		if other := New(2, 1000).Message(n); bytes.Equal(first.Raw, other.Raw) {
			t.Errorf("message %d is the same with another seed", n)
		}
	}
}

func TestMailIsLikeMail(t *testing.T) {
	const n = 2000
	g := New(7, n)
	var octets, replies, chinese int
	ids := map[string]bool{}
	for i := range n {
		m := g.Message(i)
		msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
		if err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if _, err := msg.Header.Date(); err != nil {
			t.Errorf("message %d: %v", i, err)
		}
		if _, err := msg.Header.AddressList("From"); err != nil {
			t.Errorf("message %d: %v", i, err)
		}
		body, _ := io.ReadAll(msg.Body)
		if bytes.Contains(bytes.ReplaceAll(body, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("message %d has a bare LF", i)
		}
		octets += len(m.Raw)
		if m.Language == Chinese {
			chinese++
		}
		if refs := msg.Header.Get("References"); refs != "" {
			replies++
			for ref := range strings.FieldsSeq(refs) {
				if !ids[ref] {
					t.Errorf("message %d answers %s, which did not come before", i, ref)
				}
			}
		}
		ids[msg.Header.Get("Message-ID")] = true
	}
	if len(ids) != n {
		t.Errorf("%d Message-IDs for %d messages", len(ids), n)
	}
	for what, share := range map[string][3]float64{
		"octets":  {float64(octets) / n, 6000, 14000},
		"replies": {float64(replies) / n, 0.35, 0.5},
		"Chinese": {float64(chinese) / n, 0.2, 0.5},
	} {
		if share[0] < share[1] || share[0] > share[2] {
			t.Errorf("%s a message: %.2f, want %.2f to %.2f", what, share[0], share[1], share[2])
		}
	}
}

func BenchmarkMessage(b *testing.B) {
	g := New(1, 1_000_000)
	var octets int
	for n := 0; b.Loop(); n++ {
		octets += len(g.Message(n).Raw)
	}
	b.ReportMetric(float64(octets)/float64(b.N), "octets/message")
}
