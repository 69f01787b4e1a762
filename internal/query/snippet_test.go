package query

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSnippet(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, tt := range []struct {
		query, text string
		limit       int
		want        string
	}{
		{"invoice", "the invoice", 20, "the [invoice]"},
		{"invoice", "the\r\n\r\n  invoice\tis", 30, "the [invoice] is"},
		{"none", "from the beginning", 8, "from the…"},
		{"invoice", long + "your invoice is here " + long, 30, "…word your [invoice] is here word…"},
		{"发票", strings.Repeat("您好", 50) + "本月的发票请查收" + strings.Repeat("谢谢", 50), 12, "…月的[发票]请查收谢谢谢谢谢…"},
		{"invoice", long + "your invoice", 160, "…word your [invoice]"},
		{"x", "", 10, ""},
		{"", "all of it", 20, "all of it"},
		{"cafe", "cafe\u0301 cafe\u0301", 4, "[cafe\u0301]…"},
		{"invoice", "invoice", 3, "inv…"},
	} {
		line, spans := Parse(tt.query, now).Snippet(tt.text, tt.limit)
		if got := mark(line, spans); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
}

func FuzzSnippet(f *testing.F) {
	f.Add("发票", "您好，附件是本月的发票，请查收。\r\n\xff e\u0301", 5)
	f.Fuzz(func(t *testing.T, query, text string, limit int) {
		limit &= 0xff
		line, spans := Parse(query, now).Snippet(text, limit)
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\t\x00") {
			t.Errorf("line %q", line)
		}
		for _, s := range spans {
			if s.Start < 0 || s.End > len(line) || s.Start >= s.End {
				t.Errorf("span %v in %d octets", s, len(line))
			}
		}
	})
}
