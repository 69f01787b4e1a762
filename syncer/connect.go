package syncer

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"strings"

	"postern/internal/dialer"
	"postern/internal/seal"
	"postern/pop3client"
	"postern/store"
)

// Access says who may name POP3 servers at private or loopback addresses.
type Access string

// The choices of --allow-private-hosts.
const (
	AccessOwner Access = "owner"
	AccessAll   Access = "all"
	AccessNone  Access = "none"
)

// Connector opens sessions with POP3 servers through the guarded dialer. The zero
// value lets nobody connect to private addresses.
type Connector struct {
	Private  Access
	Ports    []int               // that those may name who may not reach private addresses; nil: 110 and 995
	Timeouts pop3client.Timeouts // zero: those of pop3client, and shorter ones for Probe
}

// errRoots says that the extra certificates of an account cannot be read.
var errRoots = errors.New("the account's CA file holds no certificate in PEM form")

// dial connects and secures the connection as the account's settings say, without
// logging in.
func (c *Connector) dial(ctx context.Context, owner bool, s store.Settings, opt pop3client.Options) (*pop3client.Client, error) {
	trusted := owner || c.Private == AccessAll
	d := &dialer.Dialer{AllowPrivate: c.Private == AccessAll || c.Private == AccessOwner && owner}
	if !trusted {
		d.Ports = c.ports()
	}
	opt.Dialer = d
	switch s.Security {
	case store.STARTTLS:
		opt.Security = pop3client.STARTTLS
	case store.Plain:
		opt.Security = pop3client.None
	}
	if s.CA != "" {
		// The system's roots stay: what the server shows may be renewed by either.
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM([]byte(s.CA)) {
			return nil, errRoots
		}
		opt.RootCAs = roots
	}
	opt.Mechanisms = mechanisms(s)
	if c.Timeouts != (pop3client.Timeouts{}) {
		opt.Timeouts = c.Timeouts
	}
	server := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	if !s.Pin.IsZero() {
		opt.Pin = &pop3client.Pin{Addr: server, SHA256: s.Pin}
	}
	client, err := pop3client.Dial(ctx, server, &opt)
	if err != nil && !trusted {
		err = veil(err, s)
	}
	return client, err
}

func (c *Connector) ports() []int {
	if c.Ports != nil {
		return c.Ports
	}
	return []int{110, 995}
}

// veil makes one and the same trouble of a port that is closed, one that is silent, and
// one where something else than POP3 answers: whoever may name servers but does not run
// Postern shall not look through it at what other machines offer.
func veil(err error, s store.Settings) error {
	t := explain(err, s)
	if addr := (*dialer.AddrError)(nil); errors.As(err, &addr) {
		// Nor at what the names of an inner network stand for.
		return &Trouble{Kind: Forbidden, What: told("%s is at an address that you may not connect to.", s.Host), Advice: t.Advice, Err: err, veiled: true}
	}
	switch t.Kind {
	case Unreachable, Slow, NotPOP3, NoTLS, Busy, Refused, Unknown:
		return &Trouble{Kind: Unreachable, What: told("No POP3 server answers at %s.", address(s)),
			Advice: told("Check server, port and security: 995 is usual with TLS, 110 with STARTTLS or none."), Err: err, veiled: true}
	}
	return err
}

// mechanisms are the ways to log in that the settings allow; nil: the strongest the
// server offers, inside TLS. Whoever chose no encryption has asked for an open login.
func mechanisms(s store.Settings) []string {
	switch {
	case s.Mechanism != "":
		return []string{strings.ToUpper(s.Mechanism)}
	case s.Security == store.Plain:
		return pop3client.ClearTextMechanisms()
	}
	return nil
}

// login connects and logs in. On an error the connection is closed.
func (c *Connector) login(ctx context.Context, owner bool, s store.Settings, password seal.Secret, opt pop3client.Options) (*pop3client.Client, error) {
	if err := checkLogin(s, password); err != nil {
		return nil, err
	}
	client, err := c.dial(ctx, owner, s, opt)
	if err != nil {
		return nil, err
	}
	if err := client.Login(ctx, s.Username, password.Reveal()); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// checkLogin refuses, before a connection is made, what could not be sent as one line.
func checkLogin(s store.Settings, password seal.Secret) error {
	const lineEnds = "\r\n\x00"
	if strings.ContainsAny(s.Host+s.Username, lineEnds) || strings.ContainsAny(password.Reveal(), lineEnds) {
		return &Trouble{Kind: BadLogin, What: told("The server's name, the user name or the password holds a line end."), Advice: told("Type them again on the account's page.")}
	}
	return nil
}

// address is how an account's server is named to a person.
func address(s store.Settings) string { return told("%s, port %s", s.Host, strconv.Itoa(s.Port)) }
