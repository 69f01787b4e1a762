package query

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEndingOf(t *testing.T) {
	for source, want := range map[string]Ending{
		"":                      {},
		"li":                    {Word: "li"},
		"report li":             {Rest: "report ", Word: "li"},
		"report ":               {Rest: "report "},
		"from:li":               {Operator: "from", Word: "li"},
		"From:":                 {Operator: "from"},
		"form:li":               {Word: "form:li"},
		"a -from:li":            {Rest: "a -", Operator: "from", Word: "li"},
		"-li":                   {Rest: "-", Word: "li"},
		"well-known":            {Word: "well-known"},
		"(a OR li":              {Rest: "(a OR ", Word: "li"},
		"{a (li":                {Rest: "{a (", Word: "li"},
		`label:"To d`:           {Operator: "label", Word: "To d"},
		`from:"Lina Berg"`:      {Operator: "from"},
		`from:"Lina Berg" inv`:  {Rest: `from:"Lina Berg" `, Word: "inv"},
		"from:王":                {Operator: "from", Word: "王"},
		"发票　王":                  {Rest: "发票　", Word: "王"},
		"newer-than:7":          {Operator: "newer_than", Word: "7"},
		`subject:(invoice "a b`: {Rest: `subject:(invoice `, Word: "a b"},
	} {
		if got := EndingOf(source); got != want {
			t.Errorf("%q: %+v, want %+v", source, got, want)
		}
	}
}

func TestCompletions(t *testing.T) {
	for source, want := range map[string]string{
		"fr": "from:", "is:un": "is:unread is:unstarred", "IS:UNR": "is:unread", "in:": "in:all in:anywhere in:archive in:inbox in:junk in:trash",
		"has:": "has:attachment", "before:2": "", "zz": "", "-is:pend": "is:pending-delete", "newer": "newer_than:",
	} {
		if got := strings.Join(EndingOf(source).Completions(), " "); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
	if all := EndingOf("").Completions(); !slices.Contains(all, "from:") || slices.Contains(all, "since:") {
		t.Errorf("nothing typed: %q", all)
	}
}

// TestCompletionsAreUnderstood: what is offered is what Parse reads without a hint.
func TestCompletionsAreUnderstood(t *testing.T) {
	for name := range operators {
		for _, text := range EndingOf(name + ":").Completions() {
			if q := Parse(text, time.Now()); len(q.Hints) > 0 {
				t.Errorf("%s: %q", text, q.Hints)
			}
		}
	}
	for _, value := range []string{"lina@example.net", "To do", `a "b" c`, "王小明", "-x"} {
		q := Parse(Filter("label", value), time.Now())
		if l, ok := q.Root.(Label); !ok || len(q.Hints) > 0 || strings.ReplaceAll(value, `"`, "") != strings.ReplaceAll(strings.TrimSpace(l.Name), `"`, "") && !strings.Contains(value, `"`) {
			t.Errorf("%s is read as %#v %q", Filter("label", value), q.Root, q.Hints)
		}
	}
}
