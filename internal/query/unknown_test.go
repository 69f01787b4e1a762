package query

import (
	"testing"
	"time"

	"postern/internal/i18n"
)

func TestUnknown(t *testing.T) {
	labels := []string{"Work", "Reisen 2026", "Invoices"}
	for _, c := range []struct{ search, near, meant string }{
		{"label:wrok", "label:Work", "label:Work"},
		{"tax -label:wrok from:anna", "label:Work", "tax -label:Work from:anna"},
		{"(label:wrok tax) OR label:wrok", "label:Work", "(label:Work tax) OR label:Work"},
		{"label:reisen larger:1M", `label:"Reisen 2026"`, `label:"Reisen 2026" larger:1M`},
		{"label:invioces", "label:Invoices", "label:Invoices"},
		{"label:nosuch", "", ""},
		{"account:wrok", "account:Work", "account:Work"},
	} {
		q := Parse(c.search, time.Now())
		parts := q.Named()
		if len(parts) != 1 {
			t.Fatalf("%s names %v", c.search, parts)
		}
		h := q.Unknown(parts[0], i18n.Say("There is none."), labels)
		if h.Near != c.near || h.Meant != c.meant {
			t.Errorf("%s: near %q, meant %q, want %q and %q", c.search, h.Near, h.Meant, c.near, c.meant)
		}
		if got := q.Root; c.meant != "" && Parse(h.Meant, time.Now()).Root == nil {
			t.Errorf("%s: %v", c.search, got)
		}
	}
	if parts := Parse("is:unread from:a", time.Now()).Named(); len(parts) != 0 {
		t.Errorf("names %v", parts)
	}
}

func TestAsksDeleted(t *testing.T) {
	for search, want := range map[string]bool{
		"is:deleted": true, "tax is:gone": true, "a OR is:pending-delete": true,
		"-is:deleted": false, "is:present": false, "is:unread tax": false, "": false,
	} {
		if got := Parse(search, time.Now()).AsksDeleted(); got != want {
			t.Errorf("%s: %v", search, got)
		}
	}
}

func TestNamesMailbox(t *testing.T) {
	for search, want := range map[string]bool{
		"in:trash": true, "tax in:junk": true, "a OR in:trash": true, "in:anywhere x": true,
		"-in:inbox": false, "tax": false, "is:gone": false, "": false,
	} {
		if got := Parse(search, time.Now()).NamesMailbox(); got != want {
			t.Errorf("%s: %v", search, got)
		}
	}
}
