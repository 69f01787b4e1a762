// Package dialer is the one guarded way out to the network for addresses that
// people type: mail hosts, images, settings look-ups. It judges the address
// that is really dialled, not the name, so that a name which resolves to an
// inner address, or changes its answer between two look-ups, reaches nothing.
package dialer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// DefaultTimeout is how long one attempt may take when Dialer.Timeout is zero.
const DefaultTimeout = 10 * time.Second

// maxAttempts bounds how many of a name's addresses are tried.
const maxAttempts = 8

// ErrForbidden is matched by every refusal of an address or a port.
var ErrForbidden = errors.New("destination is not allowed")

// AddrError is the refusal of an address. It matches ErrForbidden.
type AddrError struct {
	Addr netip.Addr
	Why  string // "private network", "loopback", ...
}

func (e *AddrError) Error() string {
	return fmt.Sprintf("address %s is not allowed (%s)", e.Addr, e.Why)
}

// Unwrap gives ErrForbidden.
func (e *AddrError) Unwrap() error { return ErrForbidden }

// PortError is the refusal of a port. It matches ErrForbidden.
type PortError struct {
	Port int
}

func (e *PortError) Error() string { return fmt.Sprintf("port %d is not allowed", e.Port) }

// Unwrap gives ErrForbidden.
func (e *PortError) Unwrap() error { return ErrForbidden }

// Dialer opens TCP connections to public addresses. The zero value is ready:
// public addresses only, every port. It may be used by several goroutines.
type Dialer struct {
	// AllowPrivate also lets through addresses that are not Public: loopback,
	// private and link-local networks, and translations. Addresses that no
	// single host answers at (unspecified, multicast, broadcast) stay refused.
	AllowPrivate bool
	// Ports lists the allowed ports; nil allows all.
	Ports []int
	// Timeout bounds each attempt; zero means DefaultTimeout. The context
	// bounds them all together.
	Timeout time.Duration
	// Resolver answers names; nil means net.DefaultResolver.
	Resolver *net.Resolver
}

// DialContext connects to addr ("host:port", the port a number) over network
// "tcp", "tcp4" or "tcp6". The addresses of a name are tried in turn until one
// answers. When none does, the error is that of the first address that was
// allowed, else it matches ErrForbidden.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := d.split(network, addr)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", addr, err)
	}
	addrs, err := d.lookup(ctx, network, host)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", addr, err)
	}
	var first error
	for i, a := range addrs {
		conn, err := d.attempt(ctx, network, netip.AddrPortFrom(a, port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		if first == nil || errors.Is(first, ErrForbidden) && !errors.Is(err, ErrForbidden) {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("dial %s: %w", addr, first)
}

// split takes addr apart and judges the port.
func (d *Dialer) split(network, addr string) (host string, port uint16, err error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return "", 0, net.UnknownNetworkError(network)
	}
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	if host == "" { // the net package would take it for this machine
		return "", 0, errors.New("missing host name")
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return "", 0, fmt.Errorf("%q is not a port number", text)
	}
	if d.Ports != nil && !slices.Contains(d.Ports, int(n)) {
		return "", 0, &PortError{Port: int(n)}
	}
	return host, uint16(n), nil
}

// lookup gives the addresses to try: at least one when the error is nil.
func (d *Dialer) lookup(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip"+network[len("tcp"):], host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return addrs[:min(len(addrs), maxAttempts)], nil
}

// attempt dials one address. left counts it and those still to come: an
// attempt takes no more than its share of the time the context leaves.
func (d *Dialer) attempt(ctx context.Context, network string, to netip.AddrPort, left int) (net.Conn, error) {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/time.Duration(left))
	}
	// A timeout of zero or less would mean none; the context then ends the attempt.
	nd := net.Dialer{Timeout: max(timeout, time.Nanosecond), ControlContext: d.control}
	return nd.DialContext(ctx, network, to.String())
}

// control runs between socket and connect, with the address the kernel is
// about to be given: the one place that decides.
func (d *Dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is not an address", ErrForbidden, address)
	}
	return d.judge(to.Addr())
}

// judge returns an *AddrError for an address that must not be dialled.
func (d *Dialer) judge(a netip.Addr) error {
	r := classify(a)
	if r == nil || d.AllowPrivate && !r.never {
		return nil
	}
	return &AddrError{Addr: a.Unmap(), Why: r.why}
}
