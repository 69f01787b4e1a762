package autoconfig

import (
	"strings"

	"postern/internal/i18n"
)

// Provider is somebody who keeps mailboxes for many.
type Provider struct {
	Name     string
	Enable   i18n.Key // what must be switched on there before POP3 works, as a sentence; "" for nothing
	Password i18n.Key // which password it wants, as a sentence; "" for the usual one
	NoPOP3   i18n.Key // why its mail cannot be fetched, as a sentence; "" where it can

	domains    []string // of addresses
	exchangers []string // of mail exchangers: of domains that it serves under their own names
	host       string   // its POP3 server; with NoPOP3 only to know it again
	port       int      // 0: 995
	security   Security
	local      bool // the user name is what stands before the @
}

// Hint says what a person must do at the provider before a login works; "" for nothing.
func (p *Provider) Hint() string {
	return strings.TrimSpace(string(p.Enable + " " + p.Password))
}

// found are the settings of an address that this provider keeps.
func (p *Provider) found(a address, source Source) (Found, error) {
	if p.NoPOP3 != "" {
		return Found{}, &NoPOP3Error{Domain: a.domain, Provider: p}
	}
	s := Settings{Host: p.host, Port: p.port, Security: p.security, Username: a.whole}
	if s.Port == 0 {
		s.Port = 995
	}
	if p.local {
		s.Username = a.local
	}
	return Found{Settings: s, Source: source, Provider: p}, nil
}

// ByDomain is the provider that gives out addresses in a domain; nil: none of the table.
func ByDomain(domain string) *Provider { return byDomain[strings.ToLower(domain)] }

// ByHost is the provider whose POP3 server a host is; nil: none of the table.
func ByHost(host string) *Provider {
	return byHost[strings.ToLower(strings.TrimSuffix(host, "."))]
}

// list is a list of names as the table writes it.
func list(names string) []string { return strings.Fields(names) }

var byDomain, byHost = index()

func index() (domains, hosts map[string]*Provider) {
	domains, hosts = map[string]*Provider{}, map[string]*Provider{}
	for i := range providers {
		p := &providers[i]
		for _, d := range p.domains {
			domains[d] = p
		}
		if p.host != "" && hosts[p.host] == nil {
			hosts[p.host] = p
		}
	}
	for alias, host := range aliases {
		hosts[alias] = hosts[host]
	}
	return domains, hosts
}
