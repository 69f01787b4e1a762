package message

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the expected readings anew, to be looked through")

// reading is what is compared of a message: testdata/eml/NN-*.eml, where NN is the class of
// malformation, and the expectation beside it.
type reading struct {
	Subject   string    `json:"subject"`
	From      []Address `json:"from"`
	To        []Address `json:"to,omitempty"`
	ReplyTo   []Address `json:"reply_to,omitempty"`
	Date      string    `json:"date"`
	Received  string    `json:"received,omitempty"`
	Text      string    `json:"text"`
	HTML      string    `json:"html,omitempty"`
	Snippet   string    `json:"snippet"`
	Report    string    `json:"report,omitempty"`
	Tree      []string  `json:"tree"`
	Attached  []string  `json:"attached,omitempty"`
	Defects   []string  `json:"defects,omitempty"`
	TextIsCut bool      `json:"text_is_cut,omitempty"` // the expectation holds only its beginning
}

func readingOf(m *Message) reading {
	r := reading{Subject: m.Envelope.Subject, From: m.Envelope.From, To: m.Envelope.To,
		ReplyTo: m.Envelope.ReplyTo, Text: m.Text, HTML: m.HTML, Snippet: m.Snippet,
		Report: m.Report, Defects: m.Defects}
	if !m.Envelope.Date.IsZero() {
		r.Date = m.Envelope.Date.Format(time.RFC3339)
	}
	if !m.Envelope.Received.IsZero() {
		r.Received = m.Envelope.Received.Format(time.RFC3339)
	}
	m.Root.walk(func(p *Part) bool {
		if len(r.Tree) < 60 {
			r.Tree = append(r.Tree, strings.TrimSpace(p.Path+" "+p.Type+" "+p.Encoding))
		}
		return true
	})
	for _, p := range m.Root.Attachments() {
		s := p.Path + " " + p.Name()
		if p.Inline {
			s += " inline"
		}
		if p.ContentID != "" {
			s += " <" + p.ContentID + ">"
		}
		r.Attached = append(r.Attached, s)
	}
	if len(r.Text) > 2000 {
		r.Text, r.TextIsCut = r.Text[:200], true
	}
	return r
}

// TestFixtures reads every fixture as it stands.
func TestFixtures(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "\t")
			if err := enc.Encode(readingOf(parse(t, raw))); err != nil {
				t.Fatal(err)
			}
			expected := strings.TrimSuffix(path, ".eml") + ".json"
			if *update {
				if err := os.WriteFile(expected, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

func fixtures(t testing.TB) []string {
	paths, err := filepath.Glob("testdata/eml/*.eml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures", err)
	}
	return paths
}

// TestLineEnds holds that a message reads alike with LF, CRLF and CR.
func TestLineEnds(t *testing.T) {
	for _, path := range fixtures(t) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "utf-16") {
			continue // its octets 0x0A are not line ends
		}
		sameForAllLineEnds(t, filepath.Base(path), raw)
	}
}

// sameForAllLineEnds checks what has only LF.
func sameForAllLineEnds(t testing.TB, name string, raw []byte) {
	t.Helper()
	if bytes.IndexByte(raw, '\r') >= 0 {
		return
	}
	want := endless(parse(t, raw))
	for _, eol := range []string{"\r\n", "\r"} {
		got := endless(parse(t, bytes.ReplaceAll(raw, []byte("\n"), []byte(eol))))
		if got != want {
			t.Errorf("%s with %q:\n%s\nwith LF:\n%s", name, eol, got, want)
		}
	}
}

// endless is a reading without what depends on the kind of line ends.
func endless(m *Message) string {
	r := readingOf(m)
	r.HTML = ""
	b, _ := json.MarshalIndent(r, "", " ")
	return string(b)
}
