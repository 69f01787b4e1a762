package autoconfig

import (
	"context"
	"errors"
	"net"
	"strings"
)

// bySRV asks for _pop3s._tcp and _pop3._tcp (RFC 6186 §3.3).
func (f *Finder) bySRV(ctx context.Context, a address) finding {
	type answer struct {
		records []*net.SRV
		err     error
	}
	plain := make(chan answer, 1)
	go func() {
		_, records, err := f.Resolver.LookupSRV(ctx, "pop3", "tcp", a.domain)
		plain <- answer{records, err}
	}()
	_, records, err := f.Resolver.LookupSRV(ctx, "pop3s", "tcp", a.domain)
	other := <-plain
	tls, tlsRefused := usable(records, err)
	starttls, starttlsRefused := usable(other.records, other.err)
	// The owner of a domain may prefer one by its priority (§3.4); all else equal, TLS from the first octet is taken
	// (RFC 8314 §4.1).
	switch {
	case tls != nil && (starttls == nil || tls.Priority <= starttls.Priority):
		return fromSRV(a, tls, TLS)
	case starttls != nil:
		return fromSRV(a, starttls, STARTTLS)
	case tlsRefused && starttlsRefused:
		return finding{err: &NoPOP3Error{Domain: a.domain}, ok: true}
	}
	return finding{deaf: unanswered(err) && unanswered(other.err)}
}

// usable takes the first record that can be used, as they come sorted. refused says that there is one with the target
// ".", which means that the service is not offered. Names that are none may come beside good ones, with an error.
func usable(records []*net.SRV, err error) (first *net.SRV, refused bool) {
	var dns *net.DNSError
	if err != nil && (len(records) == 0 || !errors.As(err, &dns)) {
		return nil, false
	}
	for _, r := range records {
		host := strings.ToLower(strings.TrimSuffix(r.Target, "."))
		if host == "" {
			refused = true
		} else if isHost(host) && r.Port != 0 {
			return &net.SRV{Target: host, Port: r.Port, Priority: r.Priority}, false
		}
	}
	return nil, refused
}

func fromSRV(a address, r *net.SRV, security Security) finding {
	return finding{ok: true, found: Found{
		Settings: Settings{Host: r.Target, Port: int(r.Port), Security: security, Username: a.whole}, // RFC 6186 §4: first the whole address
		Source:   SRV,
		Provider: ByHost(r.Target),
		Confirm:  !within(r.Target, a.domain) && ByHost(r.Target) == nil,
	}}
}

// byExchanger looks whether a domain's mail exchangers belong to a provider of the table.
func (f *Finder) byExchanger(ctx context.Context, a address) finding {
	records, lookup := f.Resolver.LookupMX(ctx, a.domain) // broken names may come beside good ones, with an error
	for _, r := range records {
		host := strings.ToLower(strings.TrimSuffix(r.Host, "."))
		for i := range providers {
			p := &providers[i]
			for _, suffix := range p.exchangers {
				if within(host, suffix) {
					found, err := p.found(a, Exchanger)
					return finding{found: found, err: err, ok: true}
				}
			}
		}
	}
	return finding{deaf: len(records) == 0 && unanswered(lookup)}
}
