package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Language is one that the portal speaks.
type Language struct {
	Tag  string // BCP 47: "en", "zh-CN"
	Name string // as its speakers call it

	texts    map[Key]string        // translations; nil: the key itself, in English
	pattern  func(s string) string // what Pseudo makes of an English text; nil for real languages
	singular func(n int) bool      // its plural rule: whether n takes the form for one
}

// The languages of the portal.
var (
	English = &Language{Tag: "en", Name: "English", singular: func(n int) bool { return n == 1 }}
	Chinese = &Language{Tag: "zh-CN", Name: "简体中文", texts: chinese(), singular: func(int) bool { return false }}
)

// Languages are all languages of the portal; the first is what it speaks when nothing else is wanted.
var Languages = []*Language{English, Chinese}

// Named returns the language with a tag, or nil.
func Named(tag string) *Language {
	for _, l := range Languages {
		if l.Tag == tag {
			return l
		}
	}
	return nil
}

var matcher = func() language.Matcher {
	var tags []language.Tag
	for _, l := range Languages {
		tags = append(tags, language.MustParse(l.Tag))
	}
	return language.NewMatcher(tags)
}()

// Accepted returns the language that fits an Accept-Language header best (RFC 9110, section 12.5.4): the first of
// Languages when none does, or when the header cannot be read.
func Accepted(header string) *Language {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Languages[0]
	}
	_, i, _ := matcher.Match(tags...)
	return Languages[i]
}

// text returns the translation of key, or the English where there is none.
func (l *Language) text(key Key) string {
	if l.pattern != nil {
		return l.pattern(key.english())
	}
	if s, ok := l.texts[key]; ok {
		return s
	}
	return key.english()
}

// ownSingular is the form for one. Only English, whose texts are in the sources, has a form of its own.
func (l *Language) ownSingular(one string) string {
	if l.pattern != nil {
		return l.pattern(one)
	}
	return one
}

// Pseudo is a language for tests: English in brackets, the values outside of them. What stands on a page without
// brackets was not translated.
var Pseudo = &Language{Tag: "en-XA", Name: "Pseudo", singular: English.singular, pattern: func(s string) string {
	var b strings.Builder
	for s != "" {
		at := verbs.FindStringIndex(s)
		if at == nil {
			at = []int{len(s), len(s)}
		}
		if at[0] > 0 {
			b.WriteString("⟦" + s[:at[0]] + "⟧")
		}
		b.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return b.String()
}}
