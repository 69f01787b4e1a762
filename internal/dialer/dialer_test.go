package dialer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// listen serves one-line greetings on addr and returns the port.
func listen(t *testing.T, addr string) int {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(addr, "0"))
	if err != nil {
		t.Skipf("no listener on %s: %v", addr, err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "hello from "+addr)
			conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// resolver answers every name with the addresses that answer gives for it.
func resolver(answer func(name string) []string) *net.Resolver {
	return resolverOf(func(m *dnsmessage.Message) {
		q := m.Questions[0]
		for _, text := range answer(strings.TrimSuffix(q.Name.String(), ".")) {
			a := netip.MustParseAddr(text)
			h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
			switch {
			case a.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
			case a.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			}
		}
	})
}

// resolverOf answers queries by what answer makes of them.
func resolverOf(answer func(*dnsmessage.Message)) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveDNS(server, answer)
		return client, nil
	}}
}

// serveDNS answers queries on a stream: messages with two octets of length
// before them (RFC 1035 section 4.2.2).
func serveDNS(conn net.Conn, answer func(*dnsmessage.Message)) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, int(size[0])<<8|int(size[1]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil {
			return
		}
		m.Response, m.Additionals = true, nil
		answer(&m)
		reply, err := m.Pack()
		if err != nil {
			return
		}
		conn.Write(append([]byte{byte(len(reply) >> 8), byte(len(reply))}, reply...))
	}
}

func always(addrs ...string) *net.Resolver {
	return resolver(func(string) []string { return addrs })
}

func TestDialerRefusesLoopback(t *testing.T) {
	port := strconv.Itoa(listen(t, "127.0.0.1"))
	d := &Dialer{Resolver: always("127.0.0.1")}
	for _, host := range []string{"127.0.0.1", "localhost", "mail.example.com", "::ffff:127.0.0.1", "::1"} {
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			conn.Close()
			t.Errorf("%s: connected", host)
			continue
		}
		var refused *AddrError
		if !errors.Is(err, ErrForbidden) || !errors.As(err, &refused) || refused.Why != "loopback" {
			t.Errorf("%s: %v, want the refusal of a loopback address", host, err)
		}
	}
	// Other spellings of 127.0.0.1 are names, and names are judged by their answers.
	for _, host := range []string{"0x7f.1", "2130706433", "0177.0.0.1", "127.1"} {
		if conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port)); err == nil {
			conn.Close()
			t.Errorf("%s: connected", host)
		}
	}
}

func TestDialerAllowsPrivate(t *testing.T) {
	port := strconv.Itoa(listen(t, "127.0.0.1"))
	d := &Dialer{AllowPrivate: true, Resolver: always("127.0.0.1")}
	for _, host := range []string{"127.0.0.1", "mail.example.com", "::ffff:127.0.0.1"} {
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		got, _ := io.ReadAll(conn)
		conn.Close()
		if string(got) != "hello from 127.0.0.1" {
			t.Errorf("%s: read %q", host, got)
		}
	}
	for _, host := range []string{"0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "ff02::1"} {
		if _, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port)); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want a refusal", host, err)
		}
	}
}

// A name whose first answers do not serve must not hide the one that does.
func TestDialerTriesEveryAnswer(t *testing.T) {
	port := strconv.Itoa(listen(t, "127.0.0.3"))
	d := &Dialer{AllowPrivate: true, Timeout: time.Second,
		Resolver: always("127.0.0.1", "224.0.0.1", "127.0.0.2", "127.0.0.3")}
	conn, err := d.DialContext(t.Context(), "tcp", "mail.example.com:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.RemoteAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.3" {
		t.Errorf("connected to %s", got)
	}
}

// The error of an allowed address says more than the refusal of another.
func TestDialerErrorPrefersAllowed(t *testing.T) {
	closed := strconv.Itoa(closedPort(t))
	d := &Dialer{AllowPrivate: true, Timeout: time.Second, Resolver: always("224.0.0.1", "127.0.0.1")}
	_, err := d.DialContext(t.Context(), "tcp", "mail.example.com:"+closed)
	if err == nil || errors.Is(err, ErrForbidden) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v, want connection refused", err)
	}
	d.Resolver = always("10.0.0.1", "192.168.0.1")
	d.AllowPrivate = false
	var refused *AddrError
	if _, err := d.DialContext(t.Context(), "tcp", "mail.example.com:995"); !errors.As(err, &refused) || refused.Why != "private network" {
		t.Errorf("%v, want the refusal of a private network", err)
	}
}

func closedPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// A name that answers differently at the second look-up is judged by the
// address that is dialled, so rebinding gains nothing.
func TestDialerRebinding(t *testing.T) {
	port := strconv.Itoa(listen(t, "127.0.0.1"))
	var asked atomic.Int32
	d := &Dialer{Timeout: 50 * time.Millisecond, Resolver: resolver(func(string) []string {
		if asked.Add(1) <= 2 { // A and AAAA of the first look-up
			return []string{"0.1.2.3"}
		}
		return []string{"127.0.0.1"}
	})}
	for range 3 {
		if _, err := d.DialContext(t.Context(), "tcp", "rebind.example.com:"+port); !errors.Is(err, ErrForbidden) {
			t.Errorf("%v, want a refusal", err)
		}
	}
}

// What the kernel is about to be given decides, however it came there.
func TestDialerControl(t *testing.T) {
	d := &Dialer{}
	for _, address := range []string{"127.0.0.1:995", "[::1]:995", "[fe80::1%eth0]:995", "[::ffff:10.0.0.1]:995", "", "mail.example.com:995"} {
		if err := d.control(t.Context(), "tcp", address, nil); !errors.Is(err, ErrForbidden) {
			t.Errorf("%q: %v, want a refusal", address, err)
		}
	}
	for _, address := range []string{"1.1.1.1:995", "[2606:4700::1]:110"} {
		if err := d.control(t.Context(), "tcp", address, nil); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestDialerPorts(t *testing.T) {
	d := &Dialer{AllowPrivate: true, Ports: []int{110, 995}}
	var refused *PortError
	if _, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:25"); !errors.As(err, &refused) || refused.Port != 25 || !errors.Is(err, ErrForbidden) {
		t.Errorf("port 25: %v", err)
	}
	port := listen(t, "127.0.0.1")
	d.Ports = []int{port}
	conn, err := d.DialContext(t.Context(), "tcp4", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := (&Dialer{Ports: []int{}}).DialContext(t.Context(), "tcp", "127.0.0.1:995"); !errors.As(err, &refused) {
		t.Errorf("no ports allowed: %v", err)
	}
}

func TestDialerBadAddresses(t *testing.T) {
	d := &Dialer{AllowPrivate: true, Resolver: always()}
	for _, tt := range []struct{ network, addr string }{
		{"tcp", ""}, {"tcp", "127.0.0.1"}, {"tcp", ":995"}, {"tcp", "127.0.0.1:"}, {"tcp", "127.0.0.1:0"},
		{"tcp", "127.0.0.1:65536"}, {"tcp", "127.0.0.1:-1"}, {"tcp", "127.0.0.1:pop3s"}, {"tcp", "[::1:995"},
		{"tcp", "nobody.example.com:995"}, {"tcp", "bad name\r\n:995"},
		{"udp", "127.0.0.1:995"}, {"unix", "/tmp/x"}, {"", "127.0.0.1:995"},
	} {
		if conn, err := d.DialContext(t.Context(), tt.network, tt.addr); err == nil {
			conn.Close()
			t.Errorf("%s %q: connected", tt.network, tt.addr)
		}
	}
}

func TestDialerContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &Dialer{AllowPrivate: true}
	if _, err := d.DialContext(ctx, "tcp", "127.0.0.1:995"); !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "canceled") {
		t.Errorf("cancelled: %v", err)
	}
}

// An address that does not answer must leave time for the next one.
func TestDialerSharesTheTime(t *testing.T) {
	port := silent(t)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", strconv.Itoa(port)))
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	d := &Dialer{AllowPrivate: true, Resolver: always("127.0.0.1", "127.0.0.2")}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("mail.example.com", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()

	d = &Dialer{AllowPrivate: true, Timeout: 50 * time.Millisecond}
	start := time.Now()
	_, err = d.DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) > time.Second {
		t.Errorf("silent address: %v after %v, want a timeout after 50 ms", err, time.Since(start))
	}
}

// silent is a port of 127.0.0.1 that answers no connection attempt: a listener
// whose queue is full.
func silent(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := name.(*syscall.SockaddrInet4).Port
	for range 16 {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), 100*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("the listener's queue does not fill here")
	return 0
}
