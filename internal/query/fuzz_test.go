package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzTerms(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.text)
	}
	f.Add("\xff\u0301中\u3099ß\x00İ\U0010ffff")
	f.Fuzz(func(t *testing.T, text string) {
		terms := Terms(text)
		for _, term := range terms {
			if len(term) > MaxTerm || !utf8.ValidString(term) {
				t.Errorf("term %q of %d bytes", term, len(term))
			}
			for _, c := range []byte(term) {
				if c < utf8.RuneSelf && (c < 'a' || 'z' < c) && (c < '0' || '9' < c) {
					t.Errorf("term %q holds %q", term, c)
				}
			}
		}
		if string(AppendTerms([]byte("x "), text)) != "x "+string(AppendTerms(nil, text)) {
			t.Error("AppendTerms depends on what stands before")
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`from:(a OR "b c") -{d e} before:2026-01 (x`, "label:“a「b」” is:x in:y -(z after:", `""* "“”" |{(－`,
		"from：张三 on:2026-02-30 larger:1.5M OR", "-(-(-a)) NOT NOT b AND c|d", "a:b: c:d *x* (f(x)) )",
		"from:(x -(-(\xee y", "after:2026-01-02 before:2026-03-01 OR (on:2026 b)", "1、ａ（b）ｃ{d OR -e}", "5\"x ”y” “z", "*", "OR",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		q := Parse(source, now)
		if q.Root == nil && strings.TrimFunc(source, isBlank) != "" {
			t.Fatalf("%q finds everything", source)
		}
		wellFormed(t, q.Root)
		chips := q.Chips()
		joined := strings.Join(chips, " ")
		again := Parse(joined, now)
		switch {
		case len(joined) > maxSource:
		case q.Root == Node(Nothing{}): // nothing is left to write: the hints say why
			if len(chips) > 0 || len(q.Hints) == 0 {
				t.Errorf("%q has chips %q and hints %q", source, chips, q.Hints)
			}
		case !slices.Equal(again.Chips(), chips):
			t.Errorf("%q has chips %q, and these have %q", source, chips, again.Chips())
		case meaning(again.Root) != meaning(q.Root):
			t.Errorf("%q means %s, its chips %q mean %s", source, meaning(q.Root), chips, meaning(again.Root))
		}
		for _, hint := range q.Hints {
			if s := hint.String(); !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
				t.Errorf("hint %q", s)
			}
		}
		q.AsYouType().Highlight(source)
	})
}

// meaning prints a tree by what its leaves look up, however they were typed.
func meaning(n Node) string {
	if t, ok := n.(Text); ok {
		return fmt.Sprint(t.Field, t.Words(), t.Exact())
	}
	parts := func(nodes []Node) string {
		var s []string
		for _, n := range nodes {
			s = append(s, meaning(n))
		}
		return fmt.Sprint(s)
	}
	switch n := n.(type) {
	case And:
		return "and" + parts(n)
	case Or:
		return "or" + parts(n)
	case Not:
		return "not" + parts([]Node{n.Node})
	default:
		return show(n)
	}
}

// wellFormed checks what the doc comments of the nodes promise.
func wellFormed(t *testing.T, n Node) {
	switch n := n.(type) {
	case And:
		if len(n) < 2 {
			t.Errorf("conjunction of %d", len(n))
		}
		for _, part := range n {
			wellFormed(t, part)
		}
	case Or:
		if len(n) < 2 {
			t.Errorf("disjunction of %d", len(n))
		}
		for _, part := range n {
			wellFormed(t, part)
		}
	case Not:
		if unreadable(n) {
			t.Error("an unreadable filter is negated")
		}
		wellFormed(t, n.Node)
	case Text:
		if len(n.Words()) == 0 {
			t.Errorf("leaf without words: %+v", n)
		}
	}
}

// FuzzMatch holds the index's answer against the text's.
func FuzzMatch(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.query, tt.text, false)
		f.Add(tt.text, tt.text, true)
	}
	f.Add("a@b.c", "x@a@b.c@d.e", false)
	f.Add("a@b@c@d.example", "x", false)
	f.Fuzz(func(t *testing.T, raw, text string, prefix bool) {
		leaf := Text{Raw: raw, Prefix: prefix}
		checkWords(t, leaf, text)
		if p := compile(leaf); len(p.units) > 0 && p.in(text) != p.inAny(text) {
			t.Errorf("%q in %q: %v, unit by unit %v", raw, text, p.in(text), p.inAny(text))
		}
		if !prefix && len(leaf.Words()) > 0 && !leaf.Match(in(Subject, "x\n\n"+raw+"\n\ny")) {
			t.Errorf("%q does not find itself", raw)
		}
		last := 0
		for _, s := range (Query{Root: leaf}).Highlight(text) {
			if s.Start < last || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %v after %d in %d octets", s, last, len(text))
			}
			for _, i := range []int{s.Start, s.End} {
				if i < len(text) && !boundary(text, i) {
					t.Errorf("span %v cuts a character of %q", s, text)
				}
			}
			last = s.End
		}
	})
}

// boundary tells whether a rune (or an octet that is none) begins at i.
func boundary(text string, i int) bool {
	for j := range text {
		if j == i {
			return true
		}
	}
	return false
}
