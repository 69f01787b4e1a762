package dialer

import "net/netip"

// reserved is a range of addresses that are not public.
type reserved struct {
	prefix netip.Prefix
	why    string
	never  bool // not even with AllowPrivate: no single host answers there
}

// reserved4 are IANA's special-purpose IPv4 addresses (RFC 6890 and its
// registry) and what no host has: multicast, class E, broadcast.
var reserved4 = []reserved{
	{prefix: netip.MustParsePrefix("0.0.0.0/32"), why: "unspecified", never: true},
	{prefix: netip.MustParsePrefix("0.0.0.0/8"), why: "this network"},
	{prefix: netip.MustParsePrefix("10.0.0.0/8"), why: "private network"},
	{prefix: netip.MustParsePrefix("100.64.0.0/10"), why: "shared address space of a carrier"},
	{prefix: netip.MustParsePrefix("127.0.0.0/8"), why: "loopback"},
	{prefix: netip.MustParsePrefix("169.254.0.0/16"), why: "link-local"},
	{prefix: netip.MustParsePrefix("172.16.0.0/12"), why: "private network"},
	{prefix: netip.MustParsePrefix("192.0.0.0/24"), why: "reserved for protocols"},
	{prefix: netip.MustParsePrefix("192.0.2.0/24"), why: "documentation"},
	{prefix: netip.MustParsePrefix("192.88.99.0/24"), why: "6to4 relay"},
	{prefix: netip.MustParsePrefix("192.168.0.0/16"), why: "private network"},
	{prefix: netip.MustParsePrefix("198.18.0.0/15"), why: "benchmarking"},
	{prefix: netip.MustParsePrefix("198.51.100.0/24"), why: "documentation"},
	{prefix: netip.MustParsePrefix("203.0.113.0/24"), why: "documentation"},
	{prefix: netip.MustParsePrefix("224.0.0.0/4"), why: "multicast", never: true},
	{prefix: netip.MustParsePrefix("255.255.255.255/32"), why: "broadcast", never: true},
	{prefix: netip.MustParsePrefix("240.0.0.0/4"), why: "reserved"},
}

// reserved6 ends with everything: only 2000::/3 is handed out as global unicast
// (RFC 4291 section 2.4), and the ranges that carry an IPv4 address inside are
// refused whole, because they may lead back into the network they leave.
var reserved6 = []reserved{
	{prefix: netip.MustParsePrefix("::/128"), why: "unspecified", never: true},
	{prefix: netip.MustParsePrefix("::1/128"), why: "loopback"},
	{prefix: netip.MustParsePrefix("::/96"), why: "IPv4-compatible"},
	{prefix: netip.MustParsePrefix("64:ff9b::/96"), why: "NAT64"},
	{prefix: netip.MustParsePrefix("64:ff9b:1::/48"), why: "NAT64 of a local network"},
	{prefix: netip.MustParsePrefix("2001::/32"), why: "Teredo"},
	{prefix: netip.MustParsePrefix("2001::/23"), why: "reserved for protocols"},
	{prefix: netip.MustParsePrefix("2001:db8::/32"), why: "documentation"},
	{prefix: netip.MustParsePrefix("2002::/16"), why: "6to4"},
	{prefix: netip.MustParsePrefix("3fff::/20"), why: "documentation"},
	{prefix: netip.MustParsePrefix("fc00::/7"), why: "unique local network"},
	{prefix: netip.MustParsePrefix("fe80::/10"), why: "link-local"},
	{prefix: netip.MustParsePrefix("fec0::/10"), why: "site-local"},
	{prefix: netip.MustParsePrefix("ff00::/8"), why: "multicast", never: true},
}

var (
	globalUnicast6 = netip.MustParsePrefix("2000::/3")
	invalid        = &reserved{why: "not an address", never: true}
	unassigned6    = &reserved{why: "reserved"}
)

// Public tells whether a is an address of the public Internet: not loopback,
// private, link-local, carrier, documentation, benchmarking, multicast or
// otherwise reserved, and not an IPv6 form that wraps an IPv4 address, except
// the mapped one (::ffff:0:0/96), which is judged as the IPv4 address it is.
func Public(a netip.Addr) bool { return classify(a) == nil }

// classify returns the first range that holds a, or nil for a public address.
func classify(a netip.Addr) *reserved {
	if !a.IsValid() {
		return invalid
	}
	a = a.Unmap().WithZone("")
	ranges := reserved4
	if a.Is6() {
		ranges = reserved6
	}
	for i := range ranges {
		if ranges[i].prefix.Contains(a) {
			return &ranges[i]
		}
	}
	if a.Is6() && !globalUnicast6.Contains(a) {
		return unassigned6
	}
	return nil
}
