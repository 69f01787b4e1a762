package autoconfig

import (
	"strings"
	"testing"
)

// TestTable: every entry can be used, and none is shadowed by another.
func TestTable(t *testing.T) {
	domains, exchangers := map[string]string{}, map[string]string{}
	for _, p := range providers {
		if p.Name == "" || len(p.domains)+len(p.exchangers) == 0 {
			t.Errorf("%q can never be found", p.Name)
		}
		if p.NoPOP3 == "" && !isHost(p.host) {
			t.Errorf("%s: host %q", p.Name, p.host)
		}
		for _, s := range []string{string(p.Enable), string(p.Password), string(p.NoPOP3)} {
			if s != "" && (!strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s) {
				t.Errorf("%s: %q is no sentence", p.Name, s)
			}
		}
		for _, d := range p.domains {
			if !isHost(d) || d != strings.ToLower(d) {
				t.Errorf("%s: domain %q", p.Name, d)
			}
			if other := domains[d]; other != "" {
				t.Errorf("%s belongs to %s and %s", d, other, p.Name)
			}
			domains[d] = p.Name
		}
		for _, d := range p.exchangers {
			for known, other := range exchangers {
				if within(d, known) || within(known, d) {
					t.Errorf("mail exchangers %s (%s) and %s (%s) overlap", d, p.Name, known, other)
				}
			}
			exchangers[d] = p.Name
		}
	}
	if len(domains) < 200 || len(providers) < 55 {
		t.Errorf("%d providers with %d domains: some are missing", len(providers), len(domains))
	}
	for alias := range aliases {
		if ByHost(alias) == nil {
			t.Errorf("alias %s leads nowhere", alias)
		}
	}
}

func TestHints(t *testing.T) {
	for host, want := range map[string]string{
		"POP.QQ.com":            "授权码",
		"pop3.163.com":          "授权码",
		"pop.gmail.com":         "app password",
		"securepop.t-online.de": "E-Mail-Passwort",
	} {
		if p := ByHost(host); p == nil || !strings.Contains(p.Hint(), want) {
			t.Errorf("%s: hint of %+v has no %q", host, p, want)
		}
	}
	if p := ByHost("pop.example.org"); p != nil {
		t.Errorf("pop.example.org is taken for %s", p.Name)
	}
}
