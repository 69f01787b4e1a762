package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUnflow(t *testing.T) {
	for in, want := range map[string]string{
		"one \ntwo\n":           "one two\n",
		"one\ntwo\n":            "one\ntwo\n",
		"> a \n> b\nc\n":        "> a b\nc\n",
		"> a \n>> b\n":          "> a \n>> b\n",
		" >no quote\n":          ">no quote\n",
		"end \n-- \nAnn\n":      "end \n-- \nAnn\n",
		"> one\n> -- \n> Ann\n": "> one\n> -- \n> Ann\n",
		"last ":                 "last \n",
		"":                      "",
	} {
		if got := unflow(in, false); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := unflow("例 \n子\n", true); got != "例子\n" {
		t.Errorf("DelSp: %q", got)
	}
}

func TestSnippet(t *testing.T) {
	for in, want := range map[string]string{
		"Hello\n\nBob.": "Hello Bob.",
		"On Monday, Ann wrote:\n> old\n\nNew words.":                    "New words.",
		"> old\n> older\nNew.":                                          "New.",
		"Yes.\n-- \nAnn Lee\nACME":                                      "Yes.",
		"Yes.\n-----Original Message-----\nFrom: x":                     "Yes.",
		"=====\nTitle\n=====":                                           "Title",
		"New.\n\nOn Tue, 3 Mar 2026 Ann Lee\n<a@x.org> wrote:\n\n> old": "New.",
		"New.\n\nFrom: Ann\nSent: Monday\nold":                          "New.",
		"View this email in your browser\nBig news":                     "Big news",
		"See https://example.com/x?y=z now":                             "See now",
		"From: where I stand\nit is fine":                               "From: where I stand it is fine",
		"> only a quotation":                                            "only a quotation",
		"pre\u200b\u200c\u034f \u00adheader":                            "pre header",
		"":                                                              "",
		"a\u00a0\u3000b":                                                "a b",
	} {
		if got := snippet(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	long := snippet(strings.Repeat("例子", 200))
	if n := utf8.RuneCountInString(long); n > snippetLimit || !strings.HasSuffix(long, "例…") && !strings.HasSuffix(long, "子…") {
		t.Errorf("%d characters: %s", n, long)
	}
	family := strings.Repeat("👨\u200d👩\u200d👧", 100)
	if s := snippet(family); utf8.RuneCountInString(s) > snippetLimit {
		t.Errorf("%d characters", utf8.RuneCountInString(s))
	}
}

func TestTextFromHTML(t *testing.T) {
	for in, want := range map[string]string{
		"<p>One</p><p>Two</p>":                                            "One\n\nTwo\n",
		"a<br>b<br/><br>c":                                                "a\nb\n\nc\n",
		"<b>a</b>b <i>c</i>":                                              "ab c\n",
		"<ul><li>one<li>two</ul>end":                                      "- one\n- two\n\nend\n",
		"<style>p{}</style><script>x()</script>text":                      "text\n",
		"<head><title>t</title></head><body>b</body>":                     "b\n",
		"<pre>a\n  b\n</pre>c":                                            "a\n  b\n\nc\n",
		"<blockquote>q<blockquote>r</blockquote></blockquote>":            "> q\n\n>> r\n",
		"x<img alt='a picture' src=y>z":                                   "x a picture z\n",
		"&lt;b&gt; &eacute;&#x4f8b;&nbsp;&amp;":                           "<b> é例 &\n",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc\n",
		"a\n\n  b":        "a b\n",
		"<p>  </p>":       "",
		"<p":              "",
		"1 < 2":           "1 < 2\n",
		"<div>a<div>b":    "a\nb\n",
		"a<!-- no -->b":   "ab\n",
		"a<style>b":       "a\n",
		"a<object>b":      "ab\n",
		"a<svg><text>b":   "ab\n",
		"zero\u00adwidth": "zerowidth\n",
	} {
		if got := TextFromHTML(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSafeFilename(t *testing.T) {
	for in, want := range map[string]string{
		"report.pdf":                         "report.pdf",
		`C:\docs\report.pdf`:                 "report.pdf",
		"../../etc/passwd":                   "passwd",
		"a/b\\c.txt":                         "c.txt",
		"..":                                 "",
		"":                                   "",
		"line\r\nbreak.txt":                  "line break.txt",
		"nul\x00.txt":                        "nul.txt",
		"evil\u202Etxt.exe":                  "eviltxt.exe",
		"trailing. . ":                       "trailing",
		"  two  blanks .txt":                 "two  blanks .txt",
		"例子.pdf":                             "例子.pdf",
		"/":                                  "",
		"dir/":                               "dir_",
		strings.Repeat("é", 300) + ".tar.gz": strings.Repeat("é", 98) + ".gz",
	} {
		if got := safeFilename(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzFlowed(f *testing.F) {
	f.Add("> a \n>> b \n-- \n", true)
	f.Fuzz(func(t *testing.T, s string, delSp bool) {
		got := unflow(s, delSp)
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune("> \n", r) {
					return -1
				}
				return r
			}, s)
		}
		if utf8.ValidString(s) && letters(got) != letters(s) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func FuzzTextFromHTML(f *testing.F) {
	f.Add("<p>a<blockquote>b<pre>c</pre><img alt=d><!--")
	f.Fuzz(func(t *testing.T, s string) {
		if got := TextFromHTML(s); !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00") {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}

func FuzzSnippet(f *testing.F) {
	f.Add("On x wrote:\n> a\nb\u200d")
	f.Fuzz(func(t *testing.T, s string) {
		s = validText(s)
		got := snippet(s)
		if n := utf8.RuneCountInString(got); n > snippetLimit || strings.Contains(got, "\n") || !utf8.ValidString(got) {
			t.Fatalf("%d characters: %q", n, got)
		}
	})
}

func FuzzFilename(f *testing.F) {
	f.Add(`a/../b\c` + "\u202e.exe")
	f.Fuzz(func(t *testing.T, s string) {
		got := safeFilename(validText(s))
		if strings.ContainsAny(got, "/\\\x00\n\r") || len(got) > maxFilename || got == "." || got == ".." {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}
