package dialer

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for _, tt := range []struct {
		addr string
		why  string // "" for public
	}{
		{"1.1.1.1", ""},
		{"8.8.8.8", ""},
		{"9.255.255.255", ""},
		{"11.0.0.0", ""},
		{"100.63.255.255", ""},
		{"100.128.0.0", ""},
		{"172.15.255.255", ""},
		{"172.32.0.0", ""},
		{"192.0.1.1", ""},
		{"192.167.255.255", ""},
		{"198.17.255.255", ""},
		{"198.20.0.0", ""},
		{"223.255.255.255", ""},

		{"0.0.0.0", "unspecified"},
		{"0.1.2.3", "this network"},
		{"10.0.0.1", "private network"},
		{"10.255.255.255", "private network"},
		{"100.64.0.1", "shared address space of a carrier"},
		{"100.127.255.255", "shared address space of a carrier"},
		{"127.0.0.1", "loopback"},
		{"127.255.255.254", "loopback"},
		{"169.254.169.254", "link-local"},
		{"172.16.0.1", "private network"},
		{"172.31.255.255", "private network"},
		{"192.0.0.8", "reserved for protocols"},
		{"192.0.2.1", "documentation"},
		{"192.88.99.1", "6to4 relay"},
		{"192.168.0.1", "private network"},
		{"198.18.0.1", "benchmarking"},
		{"198.19.255.255", "benchmarking"},
		{"198.51.100.1", "documentation"},
		{"203.0.113.1", "documentation"},
		{"224.0.0.1", "multicast"},
		{"239.255.255.255", "multicast"},
		{"240.0.0.1", "reserved"},
		{"255.255.255.255", "broadcast"},

		{"2606:4700:4700::1111", ""},
		{"2a00:1450:4001::1", ""},
		{"2001:200::1", ""},
		{"2003::1", ""},

		{"::", "unspecified"},
		{"::1", "loopback"},
		{"::7f00:1", "IPv4-compatible"},
		{"::8.8.8.8", "IPv4-compatible"},
		{"64:ff9b::7f00:1", "NAT64"},
		{"64:ff9b::8.8.8.8", "NAT64"},
		{"64:ff9b:1::a00:1", "NAT64 of a local network"},
		{"100::1", "reserved"},
		{"2001::1", "Teredo"},
		{"2001:0:53aa:64c:0:0:0:1", "Teredo"},
		{"2001:10::1", "reserved for protocols"},
		{"2001:20::1", "reserved for protocols"},
		{"2001:db8::1", "documentation"},
		{"2002:7f00:1::1", "6to4"},
		{"2002:c0a8:101::", "6to4"},
		{"3fff::1", "documentation"},
		{"4000::1", "reserved"},
		{"5f00::1", "reserved"},
		{"fc00::1", "unique local network"},
		{"fd12:3456::1", "unique local network"},
		{"fe80::1", "link-local"},
		{"fe80::1%eth0", "link-local"},
		{"fec0::1", "site-local"},
		{"ff02::1", "multicast"},

		{"::ffff:8.8.8.8", ""},
		{"::ffff:127.0.0.1", "loopback"},
		{"::ffff:10.0.0.1", "private network"},
		{"::ffff:169.254.169.254", "link-local"},
		{"::ffff:0:127.0.0.1", "reserved"}, // SIIT
	} {
		a := netip.MustParseAddr(tt.addr)
		got := ""
		if r := classify(a); r != nil {
			got = r.why
		}
		if got != tt.why {
			t.Errorf("%s is %q, want %q", tt.addr, got, tt.why)
		}
		if Public(a) != (tt.why == "") {
			t.Errorf("Public(%s) = %v", tt.addr, Public(a))
		}
	}
	if Public(netip.Addr{}) {
		t.Error("the zero address is public")
	}
}

// Whatever netip itself calls special must not be public.
func FuzzPublic(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("2002:7f00:1::1").AsSlice())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		u := a.Unmap()
		if Public(a) && (!u.IsGlobalUnicast() || u.IsPrivate() || u.IsLoopback()) {
			t.Errorf("%s is public", a)
		}
		if Public(a) != Public(u) {
			t.Errorf("%s and %s differ", a, u)
		}
	})
}
