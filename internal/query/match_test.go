package query

import (
	"slices"
	"strings"
	"testing"
)

// matches are searches over one text, with the words they look up.
var matches = []struct {
	query, text string
	match       bool
}{
	{"invoice", "Your Invoice.", true},
	{"invoice", "invoices", false},
	{"inv*", "Your Invoice.", true},
	{"invoice*", "invoice", true},
	{"cafe", "Café", true},
	{"CAFÉ", "cafe\u0301", true},
	{"strasse", "Hauptstraße Straße", true},
	{`"annual report"`, "the annual report", true},
	{`"annual report"`, "the annual-report", true},
	{`"annual report"`, "annual\n  report", true},
	{`"annual report"`, "report annual", false},
	{`"annual report"`, "annual big report", false},
	{`"annual annual report"`, "annual annual annual report", true},
	{`"annual rep"*`, "annual reports", true},
	{`"annual rep"`, "annual reports", false},

	{"INV-2026/0042", "no. INV-2026/0042.", true},
	{"INV-2026/0042", "INV-2026/0042-A", true},
	{"INV-2026/0042", "XINV-2026/0042", false},
	{"INV-2026/0042", "INV-2026/00421", false},
	{"INV-2026/0042", "0042 2026-INV", false},
	{"INV-2026/00*", "INV-2026/0042", true},
	{"2026/0042", "INV-2026/0042", true},
	{"0042", "INV-2026/0042", true},
	{"don't", "don’t", true},
	{"don't", "don t", false},

	{"anna@example.com", "Anna <anna@example.com>", true},
	{"anna@example.com", "mailto:ANNA@Example.COM.", true},
	{"anna@example.com", "?to=anna@example.com&x", true},
	{"anna@example.com", "joanna@example.com", false},
	{"anna@example.com", "lee.anna@example.com", false},
	{"anna@example.com", "anna@example.com.evil.example", false},
	{"anna@example.com", "anna.example.com", false},
	{"anna.lee@example.com", "anna-lee@example.com", false},
	{"anna@example", "anna@example.com", true},
	{"anna@exam*", "anna@example.com", true},
	{"anna@example.c*", "anna@example.com", true},
	{"anna", "anna@example.com", true},
	{"example.com", "anna@mail.example.com", true},
	{"example.com", "https://example.com/x", true},
	{"example.com", "example org com", false},
	{"@example.com", "anna@example.com", true},
	{"'write to anna@example.com'", "write to anna@example.com now", true},

	{"信", "信", true},
	{"信", "邮件信", true},
	{"信", "信件箱", true},
	{"邮件", "电子邮件箱", true},
	{"邮件", "邮 件", false},
	{"邮件", "邮\n件", true},
	{"邮件", "邮。件", false},
	{"件邮", "邮件", false},
	{"电子邮件", "电子邮件箱", true},
	{"电子邮件", "电子 子邮 邮件", false},
	{"電子郵件", "电子邮件", true},
	{"电子邮件", "電子郵件", true},
	{"发*", "开发票", true},
	{"“中文 信件”", "中文信件", true},
	{"“中文 信件”", "中文，信件", true},
	{"中文信件", "中文，信件", false},
	{"iPhone手机", "新iPhone手机壳", true},
	{"iPhone手机", "iPhone 手机", false},
	{"第3章", "第3章", true},
	{"第3章", "第三章", false},
	{"カタカナ", "ｶﾀｶﾅ", true},
	{"한국", "한국어를", true},
	{"ภาษา", "ภาษาไทย", true},

	{"👍", "ok👍🏽", true},
	{"🇨🇳", "🇨🇳", true},
	{"€5", "€ 5", false},
	{"€5", "€5", true},
}

// in is a message that has one field.
func in(field Field, text string) func(Field) string {
	return func(f Field) string {
		if f == field {
			return text
		}
		return ""
	}
}

func leaf(t *testing.T, query string) Text {
	t.Helper()
	q := Parse(query, now)
	switch root := q.Root.(type) {
	case Text:
		return root
	default:
		return Text{Raw: query} // several words: as one leaf
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range matches {
		text := leaf(t, tt.query)
		if got := text.Match(in(Subject, tt.text)); got != tt.match {
			t.Errorf("%s in %q: %v, want %v", tt.query, tt.text, got, tt.match)
		}
		checkWords(t, text, tt.text)
		spans := Query{Root: text}.Highlight(tt.text)
		if (len(spans) > 0) != tt.match {
			t.Errorf("%s highlights %v in %q", tt.query, spans, tt.text)
		}
	}
}

// checkWords holds Words and Exact against Match.
func checkWords(t *testing.T, leaf Text, text string) {
	t.Helper()
	match := leaf.Match(in(Subject, text))
	words := leaf.Words()
	found := lookUp(words, Terms(text))
	if match && !found {
		t.Errorf("%+v matches %q, but of the words %v some are not among its terms %v", leaf, text, words, Terms(text))
	}
	if leaf.Exact() && found != match {
		t.Errorf("%+v is exact with words %v: found %v in %q, matches %v", leaf, words, found, text, match)
	}
	links := AppendLinks(nil, text)
	for _, link := range leaf.Links() {
		if match && !slices.Contains(links, link) {
			t.Errorf("%+v matches %q, which has not all of its links", leaf, text)
		}
	}
}

// Links tell phrases from the same words in another order.
func TestLinks(t *testing.T) {
	for _, tt := range []struct {
		raw, text string
		want      bool
	}{
		{"best regards", "Best\r\nREGARDS, Ann", true},
		{"best regards", "regards, best", false},
		{"验证码", "", true}, // all terms
		{"a中文b", "a 中文 b", true},
		{"the 中", "中 the", false},
		{"word", "", true}, // nothing follows anything
		{"发票", "", true},   // one term, which is looked up
		{"INV-2026/0042", "inv 2026 0042", true},
		{"INV-2026/0042", "inv 0042 2026", false},
	} {
		links := AppendLinks(nil, tt.text)
		got := true
		for _, link := range (Text{Raw: tt.raw, Phrase: true}).Links() {
			got = got && slices.Contains(links, link)
		}
		if got != tt.want {
			t.Errorf("%q in %q: %v", tt.raw, tt.text, got)
		}
	}
	// They are stored, and must stay what they are.
	if got := AppendLinks(nil, "best regards 验证"); !slices.Equal(got, []uint64{7775894174817843731, 9201673839902584114}) {
		t.Errorf("%d", got)
	}
}

// lookUp is what an index does: every word is among the terms.
func lookUp(words []Word, terms []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(terms, func(term string) bool {
			return term == w.Term || w.Prefix && strings.HasPrefix(term, w.Term)
		}) {
			return false
		}
	}
	return len(words) > 0
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		query, words string
		exact        bool
	}{
		{"invoice", "invoice", true},
		{"inv*", "inv*", true},
		{"INV-2026", "inv·2026", true},
		{"INV-2026/0042", "inv·2026 2026·0042", false},
		{"INV-2026/00*", "inv·2026 2026·00*", false},
		{`"annual report"`, "annual report", false},
		{`"the annual the annual"`, "the annual", false},
		{"anna@example.com", "anna＠example．com", true},
		{"anna@exam*", "anna·exam*", true},
		{"to=anna@example.com/x", "to·anna anna＠example．com com·x", false},
		{"信", "信*", true},
		{"信件", "信件", true},
		{"电子邮件", "电子 子邮 邮件", false},
		{"信件*", "信件", true},
		{"第3章", "第* 3 章*", false},
		{"👍", "👍", true},
	} {
		var words []string
		leaf := leaf(t, tt.query)
		for _, w := range leaf.Words() {
			if w.Prefix {
				w.Term += "*"
			}
			words = append(words, w.Term)
		}
		if got := strings.Join(words, " "); got != tt.words || leaf.Exact() != tt.exact {
			t.Errorf("%s looks up %s (exact %v), want %s (%v)", tt.query, got, leaf.Exact(), tt.words, tt.exact)
		}
	}
	if (Text{Raw: "…"}).Match(in(Subject, "…")) {
		t.Error("a leaf without units matches")
	}
}

func TestMatchFields(t *testing.T) {
	fields := map[Field]string{Subject: "annual", From: "anna@example.com", Body: "report", Recipient: "bob carol", Cc: "carol",
		List: "<golang-nuts.googlegroups.com>", Attached: "total"}
	for _, tt := range []struct {
		leaf Text
		want bool
	}{
		{Text{Field: Subject, Raw: "annual"}, true},
		{Text{Field: Body, Raw: "annual"}, false},
		{Text{Field: Any, Raw: "report"}, true},
		{Text{Field: From, Raw: "anna"}, true},
		{Text{Field: Recipient, Raw: "anna"}, false},
		{Text{Field: Recipient, Raw: "carol"}, true},
		{Text{Field: Cc, Raw: "carol"}, true},
		{Text{Field: Cc, Raw: "bob"}, false},
		{Text{Field: List, Raw: "golang-nuts"}, true},
		{Text{Field: Any, Raw: "total"}, true},
		{Text{Field: Body, Raw: "total"}, false},
		{Text{Field: Head, Raw: "total"}, false},
		{Text{Field: Head, Raw: "anna"}, true},
		{Text{Field: Any, Raw: "annual report", Phrase: true}, false}, // not across fields
	} {
		if got := tt.leaf.Match(func(f Field) string { return fields[f] }); got != tt.want {
			t.Errorf("%+v: %v", tt.leaf, got)
		}
	}
}

func TestHighlight(t *testing.T) {
	for _, tt := range []struct{ query, text, want string }{
		{"invoice", "Invoice, invoices, invoice", "[Invoice], invoices, [invoice]"},
		{"inv*", "Invoice and invoices", "[Invoice] and [invoices]"},
		{"annual report", "the report is annual", "the [report] is [annual]"},
		{`"annual report"`, "an annual  report, annual", "an [annual  report], annual"},
		{"cafe", "Cafe\u0301!", "[Cafe\u0301]!"},
		{"strasse", "Straße", "[Straße]"},
		{"邮件", "电子邮件，郵件", "电子[邮件]，[郵件]"},
		{"电子邮 邮件", "电子邮件箱", "[电子邮件]箱"},
		{"件", "邮件件", "邮[件件]"},
		{"anna@example.com", "Anna <anna@example.com>", "Anna <[anna@example.com]>"},
		{"-invoice report", "invoice report", "invoice [report]"},
		{"-(invoice OR x)", "invoice", "invoice"},
		{"a OR (b c)", "a b c d", "[a] [b] [c] d"},
		{"has:attachment", "attachment", "attachment"},
		{"ab 信", "\xffab\xff信\xff", "\xff[ab]\xff[信]\xff"},
	} {
		if got := mark(tt.text, Parse(tt.query, now).Highlight(tt.text)); got != tt.want {
			t.Errorf("%s highlights %s, want %s", tt.query, got, tt.want)
		}
	}
	q := Parse("subject:annual from:anna report", now)
	const text = "annual anna report"
	if got := mark(text, q.Highlight(text, Subject)); got != "[annual] anna [report]" {
		t.Errorf("in the subject: %s", got)
	}
	if got := mark(text, q.Highlight(text)); got != "[annual] [anna] [report]" {
		t.Errorf("anywhere: %s", got)
	}
}

func mark(text string, spans []Span) string {
	var b strings.Builder
	last := 0
	for _, s := range spans {
		b.WriteString(text[last:s.Start] + "[" + text[s.Start:s.End] + "]")
		last = s.End
	}
	return b.String() + text[last:]
}

func BenchmarkMatch(b *testing.B) {
	text := strings.Repeat("Dear Anna, please find attached the annual invoice for your order. 您好，附件是本月的发票。 ", 20)
	fields := in(Subject, text)
	leaf := Text{Raw: "annual report", Phrase: true}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		leaf.Match(fields)
	}
}
