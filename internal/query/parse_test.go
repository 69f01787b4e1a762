package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// now is a Thursday noon, east of Greenwich.
var now = time.Date(2026, 3, 12, 12, 0, 0, 0, time.FixedZone("east", 8*3600))

// show prints a tree with its node types, dates in now's zone.
func show(n Node) string {
	list := func(name string, nodes []Node) string {
		parts := make([]string, len(nodes))
		for i, n := range nodes {
			parts[i] = show(n)
		}
		return name + "(" + strings.Join(parts, ", ") + ")"
	}
	switch n := n.(type) {
	case nil:
		return "everything"
	case And:
		return list("and", n)
	case Or:
		return list("or", n)
	case Not:
		return list("not", []Node{n.Node})
	case Nothing:
		return "nothing"
	case Text:
		s := fieldNames[n.Field] + n.Raw
		if n.Phrase {
			s = fieldNames[n.Field] + "[" + n.Raw + "]"
		}
		if n.Prefix {
			s += "*"
		}
		return s
	case Date:
		if n.Before {
			return "<" + n.Time.Format("2006-01-02T15")
		}
		return ">=" + n.Time.Format("2006-01-02T15")
	case Size:
		if n.Larger {
			return fmt.Sprintf(">%d", n.Octets)
		}
		return fmt.Sprintf("<%d", n.Octets)
	case Is:
		return flagNames[n.Flag]
	default:
		return fmt.Sprintf("%T%v", n, n)[len("query."):]
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		source, tree string
		hint         string // a part of the only hint; "" for none
	}{
		{"", "everything", ""},
		{" \t　", "everything", ""},
		{"invoice", "invoice", ""},
		{"invoice March", "and(invoice, March)", ""},
		{"invoice AND March", "and(invoice, March)", ""},
		{"a OR b", "or(a, b)", ""},
		{"a|b", "a|b", ""},
		{"a | b", "or(a, b)", ""},
		{"a OR b OR c", "or(a, b, c)", ""},
		{"a OR b c", "and(or(a, b), c)", ""},
		{"a (b c) d", "and(a, b, c, d)", ""},
		{"(a b) OR c", "or(and(a, b), c)", ""},
		{"a OR (b OR (c d))", "or(a, b, and(c, d))", ""},
		{"{a b} c", "and(or(a, b), c)", ""},
		{"{a (b c)}", "or(a, and(b, c))", ""},
		{"{a AND b}", "and(a, b)", ""},
		{"{a b AND c}", "and(or(a, b), c)", ""},
		{"-a", "not(a)", ""},
		{"NOT a", "not(a)", ""},
		{"-(a OR b) c", "and(not(or(a, b)), c)", ""},
		{"-(-a)", "a", ""},
		{"NOT NOT a", "a", ""},
		{"NOT -a", "a", ""},
		{"-NOT a", "a", ""},
		{"NOT NOT NOT a", "not(a)", ""},
		{"NOT a AND NOT b", "and(not(a), not(b))", ""},
		{"a OR NOT b", "or(a, not(b))", ""},
		{"－a", "not(a)", ""},
		{"well-known", "well-known", ""},
		{"or and not", "and(or, and, not)", ""},
		{"inv*", "inv*", ""},
		{"INV-2026/00*", "INV-2026/00*", ""},
		{"f(x) (g(y))", "and(f(x), g(y))", ""},
		{`5"disk`, `5"disk`, ""},
		{"https://example.com/a?b=c", "https://example.com/a?b=c", ""},

		{`"annual report"`, "[annual report]", ""},
		{`"annual rep"*`, "[annual rep]*", ""},
		{"“annual report”", "[annual report]", ""},
		{"„Jahresbericht 2026“", "[Jahresbericht 2026]", ""},
		{"「年度报告」", "[年度报告]", ""},
		{"『年度 报告』", "[年度 报告]", ""},
		{"«rapport annuel»", "[rapport annuel]", ""},
		{"主题「年度报告」发票", "and(主题, [年度报告], 发票)", ""},
		{`-"annual report"`, "not([annual report])", ""},

		{"from:anna@example.com", "from:anna@example.com", ""},
		{"From:Anna", "from:Anna", ""},
		{"from：张三", "from:张三", ""},
		{"ｆｒｏｍ：张三 ＩＳ:Unread", "and(from:张三, is:unread)", ""},
		{"label:(old)", "Label{(old)}", ""},
		{"to:a cc:b bcc:c", "and(to:a, cc:b, bcc:c)", ""},
		{"list:golang-nuts list:<a.example.com>", "and(list:golang-nuts, list:<a.example.com>)", ""},
		{"rfc822msgid:<a=1@x.example> rfc822msgid:b@y", "and(ID{a=1@x.example}, ID{b@y})", ""},
		{"-from:a*", "not(from:a*)", ""},
		{`subject:"annual report"`, "subject:[annual report]", ""},
		{"subject:(dinner movie)", "and(subject:dinner, subject:movie)", ""},
		{"subject:{dinner movie}", "or(subject:dinner, subject:movie)", ""},
		{"subject:(dinner OR from:anna)", "or(subject:dinner, from:anna)", ""},
		{"from:anna OR from:bob", "or(from:anna, from:bob)", ""},
		{"body:x filename:report.pdf", "and(body:x, filename:report.pdf)", ""},
		{"-from:anna", "not(from:anna)", ""},

		{"has:attachment is:unread", "and(has:attachment, is:unread)", ""},
		{"is:read is:starred is:unstarred is:gone", "and(is:read, is:starred, is:unstarred, is:gone)", ""},
		{"is:pending-delete is:deleted is:present", "and(is:pending-delete, is:deleted, is:present)", ""},
		{"IS:Unread", "is:unread", ""},
		{"in:inbox in:spam in:anywhere", "and(Mailbox{inbox}, Mailbox{junk}, Mailbox{anywhere})", ""},
		{`label:work label:"Needs action" account:old@example.net`,
			"and(Label{work}, Label{Needs action}, Account{old@example.net})", ""},

		{"before:2026-01-31", "<2026-01-31T00", ""},
		{"after:2026/1/31", ">=2026-01-31T00", ""},
		{"after:2026-01", ">=2026-01-01T00", ""},
		{"before:2026", "<2026-01-01T00", ""},
		{"after:2026.2.28", ">=2026-02-28T00", ""},
		{"after:2026年2月8日", ">=2026-02-08T00", ""},
		{"on:2026-01-31", "and(>=2026-01-31T00, <2026-02-01T00)", ""},
		{"on:2026-12", "and(>=2026-12-01T00, <2027-01-01T00)", ""},
		{"on:2024-02-29", "and(>=2024-02-29T00, <2024-03-01T00)", ""},
		{"on:today", "and(>=2026-03-12T00, <2026-03-13T00)", ""},
		{"on:昨天", "and(>=2026-03-11T00, <2026-03-12T00)", ""},
		{"older_than:7d", "<2026-03-05T12", ""},
		{"newer_than:2w", ">=2026-02-26T12", ""},
		{"newer_than:3m", ">=2025-12-12T12", ""},
		{"older-than:1Y", "<2025-03-12T12", ""},
		{"older:2026-01-01 newer:2025-01-01", "and(<2026-01-01T00, >=2025-01-01T00)", ""},

		{"larger:10M", ">10485760", ""},
		{"larger:500k", ">512000", ""},
		{"smaller:1.5KB", "<1536", ""},
		{"size:2g", ">2147483648", ""},
		{"smaller:１００", "<100", ""},

		// Misuse. Nothing of it may widen the search unsaid.
		{"form:anna", "form:anna", "Did you mean “from:”"},
		{"subjct:x", "subjct:x", "Did you mean “subject:”"},
		{"olderthan:7d", "olderthan:7d", "Did you mean “older_than:”"},
		{"category:promotions", "category:promotions", "not a search operator"},
		{"Re: hello", "and(Re:, hello)", "“Re:” is not a search operator"},
		{`"annual report`, "[annual report]", "never closed"},
		{"「年度", "[年度]", "never closed"},
		{`annual"`, `annual"`, "never opened"},
		{"(a b", "and(a, b)", "“(” is never closed"},
		{"a) b", "and(a), b)", "“)” closes nothing"},
		{") a", "a", "“)” closes nothing"},
		{"a ()", "a", "nothing to search for between"},
		{"()", "nothing", "nothing to search for between"},
		{"subject:() a", "and(nothing, a)", "nothing to search for between"},
		{"from:", "nothing", "needs a value"},
		{"from: anna", "and(nothing, anna)", "needs a value"},
		{"(from:) anna", "and(nothing, anna)", "needs a value"},
		{`from:""`, "nothing", "no letters or digits"},
		{`label:""`, "nothing", "empty value"},
		{"before:yesterdy", "nothing", "cannot be read"},
		{"before:2026-02-30", "nothing", "cannot be read"},
		{"before:2026-13", "nothing", "cannot be read"},
		{"before:31.1.2026", "nothing", "Write 2026-01-31"},
		{"before:26-01-31", "nothing", "cannot be read"},
		{"before:2026-1-2-3", "nothing", "cannot be read"},
		{"on:7d", "nothing", "cannot be read"},
		{"older_than:7x", "nothing", "cannot be read"},
		{"older_than:d", "nothing", "cannot be read"},
		{"older_than:99999d", "nothing", "cannot be read"},
		{"-before:yesterdy", "nothing", "cannot be read"},
		{"-(a before:yesterdy)", "nothing", "cannot be read"},
		{"a OR before:yesterdy", "or(a, nothing)", "cannot be read"},
		{"larger:big", "nothing", "Write 10M"},
		{"larger:-1", "nothing", "cannot be read"},
		{"larger:1e9", "nothing", "cannot be read"},
		{"larger:inf", "nothing", "cannot be read"},
		{"larger:99999999999G", "nothing", "cannot be read"},
		{"is:unraed", "nothing", "Did you mean “is:unread”"},
		{"is:important", "nothing", "Write is:unread"},
		{"in:sent", "nothing", "Write in:inbox"},
		{"has:drive", "nothing", "Write has:attachment"},
		{"OR a", "a", "nothing before it"},
		{"a OR", "a", "nothing after it"},
		{"NOT", "nothing", "nothing after it"},
		{"AND", "nothing", "nothing before it"},
		{"AND a", "a", "AND has nothing before it"},
		{"a AND", "a", "AND has nothing after it"},
		{"(a AND) b", "and(a, b)", "AND has nothing after it"},
		{"a OR AND b", "or(a, b)", "AND right after OR"},
		{"a AND OR b", "and(a, b)", "OR right after AND"},
		{"a | | b", "or(a, b)", "OR right after OR"},
		{"NOT OR a", "not(a)", "OR right after NOT"},
		{"NOT AND a", "not(a)", "AND right after NOT"},
		{"label:(a b) c", "and(nothing, c)", "takes one value"},
		{"is:{unread starred}", "nothing", "takes one value"},
		{"account:（a b） OR c", "or(nothing, c)", "takes one value"},
		{"-label:(a b)", "nothing", "takes one value"},
		{"- a", "a", "stands alone"},
		{"--a", "a", "does not exclude"},
		{"a !!!", "a", "no letters or digits"},
		{"!!!", "nothing", "no letters or digits"},
		{"*", "nothing", "no letters or digits"},
		{"a*", "a*", "in subjects, names and addresses only"},
		{"body:a* b", "and(nothing, b)", "too short"},
		{"-filename:é*", "nothing", "too short"},
		{"rfc822msgid:<>", "nothing", "cannot be read"},
		{`rfc822msgid:"a b"`, "nothing", "Write the Message-ID"},
		{"lits:a", "lits:a", "Did you mean “list:”"},
		{"in*ice", "in*ice", "at the end of a word only"},
		{strings.Repeat("(", 20) + "a", "nothing", "nested deeper"},
		{strings.Repeat("a ", 65), "nothing", "more than 64"},
		{`"` + strings.Repeat("a ", 129) + `"`, "nothing", "phrase of more than 128"},
		{strings.Repeat("a", 5000), "nothing", "longer than"},
	} {
		q := Parse(tt.source, now)
		if got := show(q.Root); got != tt.tree {
			t.Errorf("%.60q is %s, want %s", tt.source, got, tt.tree)
		}
		if tt.hint == "" && len(q.Hints) > 0 {
			t.Errorf("%.60q: hints %q, want none", tt.source, q.Hints)
		}
		if tt.hint != "" && (len(q.Hints) != 1 || !strings.Contains(q.Hints[0].String(), tt.hint)) {
			t.Errorf("%.60q: hints %q, want one with %q", tt.source, q.Hints, tt.hint)
		}
		if q.Source != tt.source {
			t.Errorf("%.60q: source %q", tt.source, q.Source)
		}
	}
}

func TestHintsAreBounded(t *testing.T) {
	q := Parse("a: b: c: d: e: f: g: h: i: j: k: l: m: a: b:", now)
	if len(q.Hints) != maxHints {
		t.Errorf("%d hints: %q", len(q.Hints), q.Hints)
	} else if last := q.Hints[maxHints-1].String(); !strings.HasPrefix(last, "There is more") {
		t.Errorf("what has no place is not said, but %q", last)
	}
	if q := Parse("x: x: x:", now); len(q.Hints) != 1 {
		t.Errorf("a mistake made three times gives %q", q.Hints)
	}
	for _, hint := range Parse("before:"+strings.Repeat("很长", 500), now).Hints {
		if n := len(hint.String()); n > 300 {
			t.Errorf("hint of %d octets: %s", n, hint)
		}
	}
}

// TestMeant: what is taken for a typing mistake is put right in its place, and nothing else is.
func TestMeant(t *testing.T) {
	for source, want := range map[string]string{
		"tax befor:2025 -anna": "tax before:2025 -anna",
		"(form:anna OR 会议) x":  "(from:anna OR 会议) x",
		"a is:unraed b":        "a is:unread b",
		"is：pending-delet":     "is:pending-delete",
		"before:yesterdy":      "", // what a date would be is not guessed
		"zzzzzz:x":             "",
	} {
		q := Parse(source, now)
		if len(q.Hints) != 1 || q.Hints[0].Meant != want {
			t.Errorf("%s: %+v, want it to mean %q", source, q.Hints, want)
		}
		if want != "" && len(Parse(want, now).Hints) > 0 {
			t.Errorf("%s has hints, too", want)
		}
	}
}

func TestChips(t *testing.T) {
	for _, tt := range []struct {
		source string
		chips  string // separated by " ¦ "
	}{
		{"", ""},
		{"invoice  March", "invoice ¦ March"},
		{"a OR b c", "a OR b ¦ c"},
		{"(a b) OR c", "(a b) OR c"},
		{"-(a OR b)", "-(a OR b)"},
		{"NOT (a b)", "-(a b)"},
		{"From:Anna “annual report”", `from:Anna ¦ "annual report"`},
		{"cc:b subject:(x y)", "cc:b ¦ subject:x ¦ subject:y"},
		{"rfc822msgid:<a=1@x.example> list:<l.example.com>", `rfc822msgid:"a=1@x.example" ¦ list:"<l.example.com>"`},
		{"a* inv", "a* ¦ inv"},
		{"from：张三 「年度报告」", `from:张三 ¦ "年度报告"`},
		{"older-than:7D after:2026.1.2 on:2026-01", "older_than:7d ¦ after:2026-01-02 ¦ on:2026-01"},
		{"-on:2026", "-on:2026"},
		{"after:2026-01-02 before:2026-03-01", "after:2026-01-02 ¦ before:2026-03-01"},
		{"larger:1024k smaller:1.5k size:7", "larger:1M ¦ smaller:1536 ¦ larger:7"},
		{"in:spam is:pending label:'a account:b", "in:junk ¦ is:pending-delete ¦ label:\"'a\" ¦ account:b"},
		{"form:anna inv* \"an rep\"*", `"form:anna" ¦ inv* ¦ "an rep"*`},
		{"before:x -is:y a", "before:x ¦ -is:y ¦ a"},
		{`"OR" "-x"`, `"OR" ¦ "-x"`},
		{"*", ""}, {"%", ""}, {"OR", ""}, {strings.Repeat("x", 5000), ""},
	} {
		q := Parse(tt.source, now)
		if got := strings.Join(q.Chips(), " ¦ "); got != tt.chips {
			t.Errorf("%q has chips %s, want %s", tt.source, got, tt.chips)
		}
	}
}

func TestAsYouType(t *testing.T) {
	for _, tt := range [][2]string{
		{"inv", "inv*"}, {"a inv", "a ¦ inv*"}, {"subject:inv", "subject:inv*"}, {"from:anna@exam", "from:anna@exam*"},
		{"inv ", "inv"}, {`"inv"`, `"inv"`}, {"-inv", "-inv"}, {"is:unread", "is:unread"}, {"a OR b", "a OR b"},
		{"发票", "发票*"}, {"", ""}, {"i", "i*"}, {"body:i", "body:i"}, {"body:in", "body:in*"},
	} {
		before := Parse(tt[0], now)
		chips := before.Chips()
		if got := strings.Join(before.AsYouType().Chips(), " ¦ "); got != tt[1] {
			t.Errorf("%q as you type is %s, want %s", tt[0], got, tt[1])
		}
		if !slices.Equal(before.Chips(), chips) {
			t.Errorf("%q: AsYouType changed the query", tt[0])
		}
	}
}

// Days begin at midnight where the person is, also when the clocks change.
func TestParseZones(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	q := Parse("on:2026-03-08", time.Date(2026, 6, 1, 0, 0, 0, 0, zone))
	and, ok := q.Root.(And)
	if !ok || len(and) != 2 {
		t.Fatalf("root %v", q.Root)
	}
	from, to := and[0].(Date).Time, and[1].(Date).Time
	if to.Sub(from) != 23*time.Hour || from.UTC().Hour() != 5 {
		t.Errorf("the day of the change runs from %v to %v", from, to)
	}
	if chips := q.Chips(); !slices.Equal(chips, []string{"on:2026-03-08"}) {
		t.Errorf("chips %q", chips)
	}
}
