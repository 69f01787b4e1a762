package syncer

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client"
	"postern/pop3client/pop3test"
	"postern/store"
)

// listen answers connections with a greeting; "" keeps silent.
func listen(t *testing.T, greeting string) store.Settings {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, greeting)
			defer c.Close() // when the test ends
		}
	}()
	return store.Settings{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: store.Plain, Username: "ann"}
}

func TestAttackForeignServices(t *testing.T) {
	connector := &Connector{Private: AccessOwner, Timeouts: pop3client.Timeouts{Greeting: 100 * time.Millisecond, TLS: 100 * time.Millisecond}}
	closed := listen(t, "")
	closed.Port = 1
	withTLS := listen(t, "220 smtp.example.com ESMTP\r\n")
	withTLS.Security = store.TLS
	for name, s := range map[string]store.Settings{
		"closed": closed, "silent": listen(t, ""), "foreign": listen(t, "220 smtp.example.com ESMTP\r\n"),
		"foreign, TLS asked for": withTLS, "refusing": listen(t, "-ERR smtp.example.com\r\n"),
	} {
		t.Run("70 "+name, func(t *testing.T) {
			_, err := connector.dial(t.Context(), true, s, pop3client.Options{})
			if err == nil {
				t.Fatal("connected")
			}
			told := explain(veil(err, s), s)
			if want := fmt.Sprintf("No POP3 server answers at 127.0.0.1, port %d.", s.Port); told.What != want || strings.Contains(told.Error(), "smtp") {
				t.Errorf("told %q, want %q", told, want)
			}
			if owner := explain(err, s); owner.What == told.What {
				t.Errorf("the owner is told no more: %q", owner)
			}
		})
	}
	for _, port := range []int{22, 25, 80, 6379, 11211, withTLS.Port} {
		t.Run(fmt.Sprintf("70 port %d", port), func(t *testing.T) {
			s := store.Settings{Host: "127.0.0.1", Port: port, Username: "ann"}
			r := connector.Probe(t.Context(), false, s, seal.NewSecret("wonder land"))
			if !strings.Contains(r.Error, "is not allowed") || r.Greeting != "" || r.Trouble.Kind != Forbidden {
				t.Errorf("told %q", r.Error)
			}
		})
	}
	t.Run("70 the usual ports, and those that are allowed", func(t *testing.T) {
		open := &Connector{Private: AccessOwner, Ports: []int{withTLS.Port}}
		for c, port := range map[*Connector]int{connector: 995, open: withTLS.Port} {
			s := store.Settings{Host: "127.0.0.1", Port: port, Username: "ann"}
			// The port passes; the address does not.
			if r := c.Probe(t.Context(), false, s, seal.NewSecret("wonder land")); !strings.Contains(r.Error, "that you may not connect to") {
				t.Errorf("port %d: %q", port, r.Error)
			}
		}
	})
	for _, host := range []string{"127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "169.254.169.254", "100.64.0.1", "fe80::1%lo", "64:ff9b::7f00:1", "１２７.0.0.1"} {
		t.Run("69 "+host, func(t *testing.T) {
			s := store.Settings{Host: host, Port: 995, Username: "ann"}
			r := connector.Probe(t.Context(), false, s, seal.NewSecret("wonder land"))
			if r.Trouble == nil || r.Trouble.Kind != Forbidden {
				t.Errorf("told %q", r.Error)
			}
		})
	}
}

// Nobody is led to trust a stranger in the place of a large provider.
func TestProvidersCertificatesAreNotOffered(t *testing.T) {
	authority, err := pop3test.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c, err := authority.Issue(pop3test.Leaf{SelfSigned: true})
	if err != nil {
		t.Fatal(err)
	}
	advice := trustAdvice(c.Leaf, store.Settings{Host: "pop.gmail.com"})
	if !strings.Contains(advice, "Gmail") || strings.Contains(advice, "--pin") {
		t.Errorf("advice %q", advice)
	}
}
