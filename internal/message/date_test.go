package message

import (
	"net/mail"
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"Tue, 3 Mar 2026 10:20:30 +0100":        "2026-03-03T10:20:30+01:00",
		"3 Mar 2026 10:20 -0000":                "2026-03-03T10:20:00Z",
		"Tue, 3 Mar 2026 10:20:30 EST":          "2026-03-03T10:20:30-05:00",
		"Tue, 3 Mar 2026 10:20:30 EDT":          "2026-03-03T10:20:30-04:00",
		"Tue, 3 Mar 2026 10:20:30 EST5EDT":      "2026-03-03T10:20:30-05:00",
		"Tue, 3 Mar 2026 10:20:30 GMT+0200":     "2026-03-03T10:20:30+02:00",
		"Tue, 3 Mar 2026 10:20:30 +0200 (CEST)": "2026-03-03T10:20:30+02:00",
		"Tue, 3 Mar 2026 10:20:30 (PST)":        "2026-03-03T10:20:30-08:00",
		"Tue, 3 Mar 2026 10:20:30":              "2026-03-03T10:20:30Z",
		"Tue, 3 Mar 2026 10:20:30 -600":         "2026-03-03T10:20:30-06:00",
		"Tue, 3 Mar 2026 10:20:30 +02:00":       "2026-03-03T10:20:30+02:00",
		"Tue, 3 Mar 2026 10:2:3 Z":              "2026-03-03T10:02:03Z",
		"Tue Mar  3 10:20:30 2026":              "2026-03-03T10:20:30Z",
		"Tue Mar  3 10:20:30 CET 2026":          "2026-03-03T10:20:30+01:00",
		"Tue, March 3, 2026 3:20 PM":            "2026-03-03T15:20:00Z",
		"Tue, March 3, 2026 12:20AM":            "2026-03-03T00:20:00Z",
		"2026-03-03T10:20:30.5+01:00":           "2026-03-03T10:20:30+01:00",
		"2026-03-03 10:20:30":                   "2026-03-03T10:20:30Z",
		"20260303":                              "2026-03-03T00:00:00Z",
		"3/4/2026 10:20":                        "2026-03-04T10:20:00Z",
		"23/4/2026 10:20":                       "2026-04-23T10:20:00Z",
		"3.4.2026 10:20":                        "2026-04-03T10:20:00Z",
		"03-Apr-26 10:20:30 GMT":                "2026-04-03T10:20:30Z",
		"029 Apr 2026 10:20:30 +0000":           "2026-04-29T10:20:30Z",
		"Thu, 1 Jan 70 00:00:00 +0000":          "1970-01-01T00:00:00Z",
		"Thu, 1 Jan 126 00:00:00 +0000":         "2026-01-01T00:00:00Z",
		"Tue, 3 Mar 2026 23:59:60 +0000":        "2026-03-04T00:00:00Z",
		"Tue,3 Mar 2026 10:20:30 +0100":         "2026-03-03T10:20:30+01:00",
		"3rd March 2026":                        "2026-03-03T00:00:00Z",
		"Tue, 3 Mar 2026 10:20:30 +9900":        "2026-03-03T10:20:30Z",
		"Tue, 32 Mar 2026 10:20:30 +0000":       "",
		"Fri, 31 Dec 9999 24:00:00 +0000":       "",
		"Fri, 31 Dec 9999 23:00:00 -0200":       "",
		"Tue, 3 Foo 2026 10:20:30 +0000":        "",
		"":                                      "",
		"yesterday":                             "",
		"10:20:30":                              "",
	} {
		got := ""
		if d, ok := parseDate(in); ok {
			got = d.Truncate(time.Second).Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// FuzzDates holds that what the standard library reads with a numeric zone is read alike.
func FuzzDates(f *testing.F) {
	f.Add("Tue, 3 Mar 2026 10:20:30 +0100")
	f.Add("2026-03-03T10:20:30.5+01:00 (PST) AM")
	f.Add("1-2-3T")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDate(s)
		if ok && (got.Year() < 1899 || got.Year() > 10000) {
			t.Fatalf("%q is %v", s, got)
		}
		if quick, ok := standardDate(s); ok {
			if slow, ok := anyDate(s); !ok || !slow.Equal(quick) || slow.Format(time.RFC3339) != quick.Format(time.RFC3339) {
				t.Fatalf("%q is %v at a glance, and %v", s, quick, slow)
			}
		}
		const layout = "Mon, 02 Jan 2006 15:04:05 -0700"
		if want, err := mail.ParseDate(s); err == nil && want.Year() >= 1900 && want.Format(layout) == s {
			if !ok || !got.Equal(want) {
				t.Fatalf("%q is %v, want %v", s, got, want)
			}
		}
	})
}
