package store_test

import (
	"strings"
	"testing"
	"time"

	"postern/internal/query"
	"postern/store"
)

func TestExcerpts(t *testing.T) {
	defer store.OneReader()()
	h := newHousehold(t)
	long := strings.Repeat("weather and news ", 100)
	h.deliver(mail(1, "Lunch", long+"the walnut cake is ready "+long))
	h.deliver(withAttachments(2, "cherry tart", long+"an almond and a walnut "+long))
	h.deliver(mail(3, "所有新闻", strings.Repeat("天气很好，", 60)+"核桃蛋糕已经准备好了"))
	h.deliver(mail(4, "Walnut in the subject", "nothing else"))
	h.readAttachments(&plainReader{})
	eve := h.addUser("eve")
	for _, tt := range []struct{ search, want string }{
		{"walnut", "Lunch: …news the [walnut] cake is ready | mail 2 (file2.pdf): …and a [walnut]"},
		{"cake", "Lunch: …the walnut [cake] is ready"},
		{"attachment walnut", "mail 2 (file2.pdf): …and a [walnut]"},
		{"see", "mail 2: [See] attachment"},
		{"see -almond from:bob", ""},
		{"tart", "mail 2 (file1.pdf): cherry [tart]"},
		{"核桃", "所有新闻: …好，天气很好，[核桃]蛋糕已经准备好了"},
		{"from:bob", ""},
		{"subject:walnut", ""},
		{"zzz OR cake", "Lunch: …the walnut [cake] is ready"},
	} {
		q := query.Parse(tt.search, time.Now())
		p, err := h.Messages(t.Context(), h.user, store.View{Query: q})
		h.check(err)
		found, err := h.Excerpts(t.Context(), h.user, q, p.Messages)
		h.check(err)
		var got []string
		for i := len(p.Messages) - 1; i >= 0; i-- {
			m := p.Messages[i]
			e, ok := found[m.ID]
			if !ok {
				continue
			}
			if n := strings.Count(e.Text, ""); n > 170 {
				t.Errorf("%s: %d characters", tt.search, n)
			}
			line := m.Subject
			if e.File != "" {
				line += " (" + e.File + ")"
			}
			text, _, _ := strings.Cut(marked(q, e.Text), " weather and news weather")
			got = append(got, line+": "+text)
		}
		if s := strings.Join(got, " | "); s != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.search, s, tt.want)
		}
		if none, err := h.Excerpts(t.Context(), eve, q, p.Messages); err != nil || len(none) > 0 {
			t.Errorf("another user sees %v, %v", none, err)
		}
	}
}

func marked(q query.Query, line string) string {
	for _, s := range q.Highlight(line) {
		return line[:s.Start] + "[" + line[s.Start:s.End] + "]" + line[s.End:]
	}
	return line
}
