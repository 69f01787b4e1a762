package dialer

import (
	"errors"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
)

// The scripts of docs/POP3.md about addresses. Their numbers are in the names.

// TestMain makes every test of the package fail that leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trap listens on every address of this machine and counts who comes.
func trap(t *testing.T) (port string, visitors *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	visitors = new(atomic.Int32)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			visitors.Add(1)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), visitors
}

// refuse dials twice and expects to be refused by address both times.
func refuse(t *testing.T, d *Dialer, host, port string) {
	t.Helper()
	for range 2 {
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			conn.Close()
		}
		if refused := (*AddrError)(nil); !errors.As(err, &refused) || !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want a refusal of its address", host, err)
		}
	}
}

func TestAttackSpellings(t *testing.T) {
	port, visitors := trap(t)
	// Whatever is not an address is a name, and here every name is this machine's.
	d := &Dialer{Resolver: always("127.0.0.1", "::1")}
	for _, host := range []string{
		"127.0.0.1", "127.1.2.3", "localhost", "localhost.", "LOCALHOST", "0.0.0.0", "0x7f.1", "0x7f000001",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "0:0:0:0:0:ffff:7f00:1", "169.254.169.254", "100.64.0.1", "10.0.0.1",
		"172.16.0.1", "192.168.0.1", "fe80::1%eth0", "fe80::1%lo", "fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001::1",
		"7f000001.nip.io",
	} {
		t.Run("69 "+host, func(t *testing.T) { refuse(t, d, host, port) })
	}
	// These are neither addresses nor names, other than C libraries have it.
	for _, host := range []string{"0", "2130706433", "0177.0.0.1", "127.1", "１２７.0.0.1", "127。0。0。1"} {
		t.Run("69 "+host, func(t *testing.T) {
			conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
			if err == nil {
				conn.Close()
				t.Error("connected")
			}
		})
	}
	if n := visitors.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestAttackPorts(t *testing.T) {
	d := &Dialer{AllowPrivate: true, Ports: []int{110, 995}}
	for _, port := range []int{1, 22, 25, 80, 143, 443, 6379, 11211, 65535} {
		t.Run("70 port "+strconv.Itoa(port), func(t *testing.T) {
			begun := time.Now()
			_, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if refused := (*PortError)(nil); !errors.As(err, &refused) || refused.Port != port {
				t.Errorf("%v, want a refusal of the port", err)
			}
			// Nothing is looked up or dialled: an open port, a closed one and a
			// filtered one cannot be told apart.
			if took := time.Since(begun); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("70 the usual ports", func(t *testing.T) {
		for _, port := range []string{"110", "995"} {
			conn, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
			if err == nil {
				conn.Close()
			}
			if errors.Is(err, ErrForbidden) {
				t.Error(err)
			}
		}
	})
}

func TestAttackAnswers(t *testing.T) {
	port, visitors := trap(t)
	t.Run("71 another answer each time", func(t *testing.T) {
		// An address that was judged before is not taken for judged again: each
		// of the look-ups, of two questions, has another answer.
		var asked atomic.Int32
		d := &Dialer{Timeout: 50 * time.Millisecond, Resolver: resolver(func(string) []string {
			return []string{[]string{"10.0.0.1", "127.0.0.1", "169.254.169.254"}[asked.Add(1)/2%3]}
		})}
		for range 3 {
			refuse(t, d, "rebind.example.com", port)
		}
	})
	t.Run("71 public and private answers mixed", func(t *testing.T) {
		// 0.1.2.3 stands for an address that does not answer; the private ones
		// behind it are refused each by itself.
		d := &Dialer{Timeout: 50 * time.Millisecond, Resolver: always("0.1.2.3", "127.0.0.1", "10.0.0.1", "::1")}
		refuse(t, d, "mixed.example.com", port)
	})
	t.Run("71 more answers than are tried", func(t *testing.T) {
		answers := make([]string, 0, 40)
		for i := range 40 {
			answers = append(answers, net.IPv4(127, 0, 0, byte(i+1)).String())
		}
		refuse(t, &Dialer{Resolver: always(answers...)}, "many.example.com", port)
	})
	t.Run("71 an alias of an inner name", func(t *testing.T) {
		refuse(t, &Dialer{Resolver: alias("inner.example.com.", [4]byte{127, 0, 0, 1})}, "alias.example.com", port)
	})
	if n := visitors.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// alias answers every name with a CNAME to name, and that with an address; both
// may be kept for a second.
func alias(name string, address [4]byte) *net.Resolver {
	return resolverOf(func(m *dnsmessage.Message) {
		q := m.Questions[0]
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
			Body:   &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(name)},
		}}
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Class: q.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: address},
			})
		}
	})
}
