package message

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkTree holds what is true of every reading of any octets.
func checkTree(t testing.TB, m *Message, raw []byte) {
	t.Helper()
	if m.Root == nil {
		t.Fatal("no root")
	}
	size := int64(len(raw))
	paths := map[string]bool{}
	parts := 0
	var walk func(p *Part, from, to int64, depth int)
	walk = func(p *Part, from, to int64, depth int) {
		if parts++; depth > maxDepth+1 {
			t.Fatalf("depth %d", depth)
		}
		if paths[p.Path] {
			t.Fatalf("path %q twice", p.Path)
		}
		paths[p.Path] = true
		if p.HeaderOffset < from || p.BodyOffset < p.HeaderOffset || p.EndOffset < p.BodyOffset || p.EndOffset > to {
			t.Fatalf("part %q: offsets %d %d %d outside %d..%d", p.Path, p.HeaderOffset, p.BodyOffset, p.EndOffset, from, to)
		}
		if m.Root.Find(p.Path) != p {
			t.Fatalf("part %q is not found", p.Path)
		}
		for _, s := range []string{p.Type, p.Charset, p.Filename, p.ContentID, p.Location, p.Name()} {
			if !utf8.ValidString(s) {
				t.Fatalf("part %q: %q is not UTF-8", p.Path, s)
			}
		}
		if strings.ContainsAny(p.Filename, "/\\\x00\n\r") {
			t.Fatalf("unsafe file name %q", p.Filename)
		}
		if len(p.Parts) == 0 || p.Encoding != "" {
			n, err := io.Copy(io.Discard, p.Open(bytes.NewReader(raw)))
			if err != nil || n != p.Size {
				t.Fatalf("part %q (%s, %s): size %d, decoded %d octets, %v", p.Path, p.Type, p.Encoding, p.Size, n, err)
			}
		}
		last := p.HeaderOffset
		for _, c := range p.Parts {
			if c.Wrap != p.Wrap { // its offsets count what p holds
				walk(c, 0, p.Size, depth+1)
				continue
			}
			if c.InnerSize == 0 && c.HeaderOffset < last {
				t.Fatalf("part %q begins before the one before it ends", c.Path)
			}
			walk(c, p.HeaderOffset, p.EndOffset, depth+1)
			last = c.EndOffset
		}
	}
	walk(m.Root, 0, size, 0)
	if parts > maxParts+2 {
		t.Fatalf("%d parts", parts)
	}
	for _, s := range []string{m.Text, m.HTML, m.Snippet, m.Envelope.Subject, m.Envelope.MessageID, m.Report, strings.Join(m.Defects, "")} {
		if !utf8.ValidString(s) {
			t.Fatalf("%.80q is not UTF-8", s)
		}
	}
	for _, list := range [][]Address{m.Envelope.From, m.Envelope.To, m.Envelope.Cc} {
		for _, a := range list {
			if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Address) || a.Name == "" && a.Address == "" {
				t.Fatalf("address %+q", a)
			}
		}
	}
	if n := utf8.RuneCountInString(m.Snippet); n > snippetLimit || strings.ContainsAny(m.Snippet, "\n\r\t") {
		t.Fatalf("snippet of %d characters: %q", n, m.Snippet)
	}
	if len(m.Text) > maxText || strings.ContainsAny(m.Text, "\r\x00") {
		t.Fatalf("text of %d octets, or with line ends that are not \\n", len(m.Text))
	}
	stored, err := json.Marshal(m.Root)
	if err != nil {
		t.Fatal(err)
	}
	var again Part
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	if BodyText(&again, bytes.NewReader(raw)) != m.Text {
		t.Fatal("a stored tree gives another text")
	}
	if h, ok := BodyHTML(&again, bytes.NewReader(raw)); h != m.HTML || ok != m.HasHTML {
		t.Fatal("a stored tree gives another HTML")
	}
}

func parse(t testing.TB, raw []byte) *Message {
	t.Helper()
	m, err := Parse(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	checkTree(t, m, raw)
	return m
}
