package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"postern/internal/i18n"
)

// Each word of a page has passed through i18n: in the pseudo-language, what stands outside of its brackets are the values
// of the samples, and names that are the same in all languages.
func TestEveryWordIsTranslated(t *testing.T) {
	data := append(sampleTexts(t), "Postern", "HTML", "TLS", "STARTTLS", "Asia/Shanghai", "%d")
	slices.SortFunc(data, func(a, b string) int { return len(b) - len(a) }) // the longest first: it may hold others
	for name, c := range samples() {
		t.Run(name, func(t *testing.T) {
			p := renderIn(t, i18n.Pseudo, c)
			for _, text := range texts(p) {
				rest := bracketed.ReplaceAllString(text, "|")
				for _, d := range data {
					rest = without(rest, d)
				}
				if strings.ContainsFunc(rest, unicode.IsLetter) {
					t.Errorf("not translated: %q, of %q", strings.TrimSpace(rest), strings.TrimSpace(text))
				}
			}
		})
	}
}

// without takes data out of s where it stands as words of its own.
func without(s, data string) string {
	for at := 0; ; {
		i := strings.Index(s[at:], data)
		if i < 0 {
			return s
		}
		i += at
		if joined(s[:i], data) || joined(data, s[i+len(data):]) {
			at = i + 1
			continue
		}
		s = s[:i] + " " + s[i+len(data):]
		at = i
	}
}

// joined tells whether the last word of a goes on in b.
func joined(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return unicode.IsLetter(last) && unicode.IsLetter(first)
}

var bracketed = regexp.MustCompile(`⟦[^⟧]*⟧`)

// texts are all texts of a page that people see or hear.
func texts(p page) (list []string) {
	for n := range p.root.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data != "kbd" && n.Parent.Data != "pre" && !mailsOwn(n):
			list = append(list, n.Data)
		case n.Type == html.ElementNode:
			for _, key := range []string{"aria-label", "title", "alt", "placeholder", "data-busy", "data-failed", "data-arrived"} {
				if v := attr(n, key); v != "" {
					list = append(list, v)
				}
			}
		}
	}
	return list
}

// mailsOwn tells whether n stands in what a mail says, which is cut into lines, links and hits of a search.
func mailsOwn(n *html.Node) bool {
	for p := range n.Ancestors() {
		switch class, _, _ := strings.Cut(attr(p, "class"), " "); class {
		case "words", "subject", "snippet", "side-subject", "side-snippet":
			return true
		}
	}
	return false
}

// sampleTexts are the strings that the samples are made of.
func sampleTexts(t *testing.T) (list []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "samples_test.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			if len(s) > 1 {
				list = append(list, s)
			}
		}
		return true
	})
	return list
}
