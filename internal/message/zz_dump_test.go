package message

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestDump(t *testing.T) {
	if os.Getenv("DUMP") == "" {
		t.Skip()
	}
	list, _ := os.ReadFile("/tmp/mref/list")
	o, _ := os.Create("/tmp/mref/go.jsonl")
	w := bufio.NewWriter(o)
	for _, f := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		b, _ := os.ReadFile(f)
		if !bytes.Contains(b, []byte("\r\n")) {
			if bytes.Contains(b, []byte("\r")) && !bytes.Contains(b, []byte("\n")) {
				b = bytes.ReplaceAll(b, []byte("\r"), []byte("\r\n"))
			} else {
				b = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
			}
		}
		st := time.Now()
		m, err := Parse(bytes.NewReader(b), int64(len(b)))
		el := time.Since(st)
		if err != nil {
			t.Error(f, err)
			continue
		}
		var from, names []string
		for _, a := range m.Envelope.From {
			from = append(from, a.Address)
			names = append(names, a.Name)
		}
		d := ""
		if !m.Envelope.Date.IsZero() {
			d = m.Envelope.Date.UTC().Format("2006-01-02T15:04:05Z")
		}
		var att [][]any
		m.Root.walk(func(p *Part) bool {
			if p.Filename != "" {
				att = append(att, []any{p.Filename, p.Size})
			}
			return true
		})
		j, _ := json.Marshal(map[string]any{"f": f, "subject": m.Envelope.Subject, "from": from, "fromname": names, "date": d, "text": m.Text, "html": m.HTML, "att": att, "defects": m.Defects, "ms": el.Seconds() * 1000, "snippet": m.Snippet})
		w.Write(j)
		w.WriteByte('\n')
	}
	w.Flush()
}
