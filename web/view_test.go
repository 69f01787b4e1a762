package web

import (
	"strings"
	"testing"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
)

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 8310: "8,310", 1234567: "1,234,567", -4321: "-4,321"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 12_345: "12 kB", 999_499: "999 kB", 999_600: "1.0 MB", 1_234_567: "1.2 MB", 96_000_000: "96 MB", 1_200_000_000: "1.2 GB", 5e15: "5000 TB"} {
		if got := octets(n).String(); got != want {
			t.Errorf("octets(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 3, 14, 2, 0, 0, time.UTC)
	c := clock{i18n.Locale{Zone: time.UTC}, now}
	for _, x := range []struct {
		got, want string
	}{
		{c.brief(now.Add(-time.Hour)), "13:02"},
		{c.brief(now.AddDate(0, 0, -1)), "2 Nov"},
		{c.brief(now.AddDate(-1, 0, 0)), "3 Nov 2025"},
		{c.full(now), "Tuesday, 3 November 2026, 14:02"},
		{c.ago(now.Add(time.Hour)), "just now"},
		{c.ago(now.Add(-2 * time.Minute)), "2 minutes ago"},
		{c.ago(now.Add(-90 * time.Minute)), "1 hour ago"},
		{c.ago(now.AddDate(0, 0, -3)), "3 days ago"},
		{c.ago(now.AddDate(0, -3, 0)), "on 3 August 2026"},
		{c.until(now.Add(-time.Second)), "now"},
		{c.until(now.Add(30 * time.Second)), "in a minute"},
		{c.until(now.Add(4 * time.Minute)), "in 4 minutes"},
		{c.until(now.Add(3 * time.Hour)), "in 3 hours"},
		{c.until(now.AddDate(0, 0, 5)), "on 8 November"},
		{since(c, now.Add(-time.Hour)), "today at 13:02"},
		{since(c, now.AddDate(0, 0, -2)), "on 1 November 2026"},
		{duration(400 * time.Millisecond).String(), "0.4 s"},
		{duration(3 * time.Minute).String(), "3 min"},
	} {
		if x.got != x.want {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
}

// TestOneLine: a sender does not make its name read as another's.
func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"Ann": "Ann", "Ann\r\nBcc: x": "Ann Bcc: x", "a\u202eb": "ab", "pay\u200bpal": "paypal", "x\x00y": "xy", "क्‍ष 👩‍👩‍👧": "क्‍ष 👩‍👩‍👧", "تجربة": "تجربة", "\U000e0041a": "a",
		"Z" + strings.Repeat("\u0301", 30) + "a\u0301": "Z\u0301\u0301\u0301\u0301a\u0301", "ก็็็็็็็": "ก็็็็", "שִׁ֑לֹום": "שִׁ֑לֹום", "སྐྱོབས": "སྐྱོབས",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		from message.Address
		want string
	}{
		{message.Address{Name: "Ann", Address: "ann@example.com"}, "Ann"},
		{message.Address{Address: "ann@example.com"}, "ann@example.com"},
		{message.Address{Name: "\u202e\u200b"}, "(unknown sender)"},
		{message.Address{}, "(unknown sender)"},
	} {
		if got := senderText(i18n.Locale{}, c.from); got != c.want {
			t.Errorf("%+v is shown as %q, want %q", c.from, got, c.want)
		}
	}
	if got := subjectText(i18n.Locale{}, " \u200b "); got != "(no subject)" {
		t.Errorf("an invisible subject is %q", got)
	}
}
