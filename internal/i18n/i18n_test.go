package i18n

import (
	"testing"
	"time"
)

var english, inChinese = Locale{Language: English}, Locale{Language: Chinese}

func TestText(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{T(t.Context(), "Sign in"), "Sign in"},
		{T(With(t.Context(), inChinese), "Sign in"), "登录"},
		{english.T("Select at most %d messages.", 1248), "Select at most 1,248 messages."},
		{inChinese.T("Select at most %d messages.", 1248), "最多选择 1,248 封邮件。"},
		{english.N(1, "Please look at %d field again.", "Please look at %d fields again."), "Please look at 1 field again."},
		{english.N(0, "Please look at %d field again.", "Please look at %d fields again."), "Please look at 0 fields again."},
		{inChinese.N(1, "Please look at %d field again.", "Please look at %d fields again."), "有 1 项需要修改。"},
		{english.N(1, "Only the newest message is shown.", "Only the newest %d messages are shown."), "Only the newest message is shown."},
		{Locale{Language: Pseudo}.N(1, "Only the newest message is shown.", "Only the newest %d messages are shown."), "⟦Only the newest message is shown.⟧"},
		{english.N(1, "Delete it on %s?", "Delete %d messages on %s?", "pop.example.com"), "Delete it on pop.example.com?"},
		{Say("%s: %s.", Key("Server"), Say("%s, port %v", "pop.example.com", 995)).In(inChinese), "服务器：pop.example.com，端口 995。"},
		{Verbatim("100 % sure").In(inChinese), "100 % sure"},
		{Text{}.In(inChinese), ""},
		{Number(-1234567), "-1,234,567"},
		{Number(999), "999"},
		{Locale{Language: Pseudo}.T("%s, port %v", "a", 1), "a⟦, port ⟧1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string]*Language{
		"": English, "en": English, "en-GB,en;q=0.9": English, "*": English, "fr": English, "not;a;header,,": English,
		"zh-CN,zh;q=0.9,en;q=0.8": Chinese, "zh": Chinese, "zh-Hans-CN": Chinese, "zh-TW": Chinese, "fr, zh;q=0.5": Chinese,
		"en, zh;q=0.5": English, "zh;q=0, en": English,
	} {
		if got := Accepted(header); got != want {
			t.Errorf("%q: %s, want %s", header, got.Tag, want.Tag)
		}
	}
}

func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 25, 22, 30, 0, 0, time.UTC)
	shanghai := time.FixedZone("", 8*3600)
	for _, c := range []struct {
		l      Locale
		layout Key
		want   string
	}{
		{Locale{Zone: time.UTC}, "Monday, 2 January 2006, 15:04", "Wednesday, 25 November 2026, 22:30"},
		{Locale{Zone: shanghai}, "2 Jan", "26 Nov"},
		{Locale{Language: Chinese, Zone: shanghai}, "Monday, 2 January 2006, 15:04", "2026年11月26日星期四 06:30"},
		{Locale{Language: Chinese, Zone: time.UTC}, "2 Jan", "11月25日"},
		{Locale{Language: Chinese, Zone: time.UTC}, "15:04", "22:30"},
	} {
		if got := c.l.Date(at, c.layout); got != c.want {
			t.Errorf("%q: %q, want %q", c.layout, got, c.want)
		}
	}
}
