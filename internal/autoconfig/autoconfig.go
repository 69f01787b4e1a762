// Package autoconfig finds the POP3 settings of a mailbox by its e-mail address: in a table of providers, else by what
// the address's domain says of itself: SRV records (RFC 6186), an autoconfig file over HTTPS, or mail exchangers that
// belong to a provider of the table. It dials nothing itself: the caller brings a resolver and an HTTP client.
package autoconfig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

// Timeout bounds a search, whatever the context allows.
const Timeout = 5 * time.Second

// Security is how a connection is secured. There is no value for none: what is found by itself never sends a password
// in the clear.
type Security int

// The ways to secure a connection.
const (
	TLS      Security = iota // from the first octet, usually at port 995
	STARTTLS                 // by the command STLS, usually at port 110
)

// Settings are what a POP3 client needs beside the password.
type Settings struct {
	Host     string // lower case, ASCII
	Port     int
	Security Security
	Username string
}

// Source is where settings were found.
type Source int

// The sources, in the order in which they are believed.
const (
	Table      Source = iota // the table of providers, by the address's domain
	SRV                      // RFC 6186
	Autoconfig               // config-v1.1.xml over HTTPS
	Exchanger                // the table of providers, by the domain's mail exchangers
)

// Found is the result of a search.
type Found struct {
	Settings
	Source   Source
	Provider *Provider // who runs the server, as far as the table knows; else nil

	// Confirm says that nothing vouches for the settings but an answer of the DNS that leads out of the address's own
	// domain: a person should see the host before a password is sent there (RFC 6186 §6).
	Confirm bool
}

// The ways in which a search can fail, beside NoPOP3Error.
var (
	ErrAddress  = errors.New("not an e-mail address")
	ErrNotFound = errors.New("no POP3 settings were found")
	ErrNoAnswer = errors.New("no name server answers")
)

// NoPOP3Error says that a domain's mail cannot be had by POP3.
type NoPOP3Error struct {
	Domain   string
	Provider *Provider // nil: the domain says so itself, by an SRV record with the target "."
}

func (e *NoPOP3Error) Error() string {
	if e.Provider != nil {
		return fmt.Sprintf("mail at %s cannot be fetched: %s", e.Domain, e.Provider.NoPOP3)
	}
	return fmt.Sprintf("%s says that it offers no POP3", e.Domain)
}

// Resolver answers what a search asks of the DNS; *net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// Finder finds settings. It may be used by several goroutines.
type Finder struct {
	Resolver Resolver
	Client   *http.Client // how it dials decides where a search may lead; redirects away from HTTPS are refused
}

// Find looks for the settings of an address. A table hit needs no network; all else is asked at the same time, within
// Timeout. The error is ErrAddress, ErrNotFound, ErrNoAnswer, the context's, or a *NoPOP3Error.
func (f *Finder) Find(ctx context.Context, address string) (Found, error) {
	a, err := parseAddress(address)
	if err != nil {
		return Found{}, err
	}
	if p := ByDomain(a.domain); p != nil {
		return p.found(a, Table)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	return f.ask(ctx, cancel, a)
}

// InTable looks in the table of providers alone. The error is ErrAddress, ErrNotFound or a *NoPOP3Error.
func InTable(address string) (Found, error) {
	a, err := parseAddress(address)
	if err != nil {
		return Found{}, err
	}
	if p := ByDomain(a.domain); p != nil {
		return p.found(a, Table)
	}
	return Found{}, ErrNotFound
}

// finding is what one source says; ok is false when it says nothing.
type finding struct {
	found Found
	err   error // *NoPOP3Error
	ok    bool
	deaf  bool // no name server answered
}

// unanswered tells whether an error of a look-up says nothing of the name: no name server could be asked.
func unanswered(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && !dns.IsNotFound
}

// ask asks all sources at once and takes the first, in their order, that knows something.
func (f *Finder) ask(ctx context.Context, cancel context.CancelFunc, a address) (Found, error) {
	sources := []func(context.Context, address) finding{f.bySRV, f.byAutoconfig, f.byExchanger}
	answers := make([]chan finding, len(sources))
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel() // before the wait: who is still asking gives up
	for i, source := range sources {
		answers[i] = make(chan finding, 1)
		running.Go(func() { answers[i] <- source(ctx, a) })
	}
	deaf := 0
	for _, answer := range answers {
		got := <-answer
		if got.ok {
			return got.found, got.err
		}
		if got.deaf {
			deaf++
		}
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return Found{}, err
	}
	if deaf == 2 { // of the two that ask for the domain itself
		return Found{}, ErrNoAnswer
	}
	return Found{}, ErrNotFound
}

// address is an e-mail address taken apart.
type address struct {
	whole  string // as it was given
	local  string
	domain string // ASCII, lower case
}

func parseAddress(s string) (address, error) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return address{}, ErrAddress
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !isHost(domain) {
		return address{}, ErrAddress
	}
	return address{whole: s[:at+1] + strings.TrimSuffix(s[at+1:], "."), local: s[:at], domain: strings.ToLower(domain)}, nil
}

// isHost tells a host name of at least two labels from anything else, an IP address for example.
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	if len(s) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if c := l[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return false
			}
		}
	}
	top := labels[len(labels)-1]
	return strings.Trim(top, "0123456789") != ""
}

// within tells whether host is domain or lies below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
