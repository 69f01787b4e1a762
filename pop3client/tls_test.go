package pop3client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// issue makes a certificate or ends the test.
func issue(t *testing.T, authority *pop3test.Authority, leaf pop3test.Leaf) tls.Certificate {
	t.Helper()
	certificate, err := authority.Issue(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func newAuthority(t *testing.T) *pop3test.Authority {
	t.Helper()
	authority, err := pop3test.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func TestCertificates(t *testing.T) {
	server := pop3test.NewServer(t)
	ours := server.Authority()
	for _, test := range []struct {
		name        string
		certificate tls.Certificate
		want        TLSReason
	}{
		{"15 self-signed", issue(t, ours, pop3test.Leaf{SelfSigned: true}), TLSUnknownAuthority},
		{"16 unknown authority", issue(t, newAuthority(t), pop3test.Leaf{}), TLSUnknownAuthority},
		{"17 other host", issue(t, ours, pop3test.Leaf{Names: []string{"other.example", "127.0.0.2"}}), TLSName},
		{"19 no names but a common name", issue(t, ours, pop3test.Leaf{Names: []string{}}), TLSName},
		{"19 an address, and a certificate for a name", issue(t, ours, pop3test.Leaf{Names: []string{"localhost"}}), TLSName},
		{"18 expired", issue(t, ours, pop3test.Leaf{NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(-time.Hour)}), TLSExpired},
		{"19 not yet valid", issue(t, ours, pop3test.Leaf{NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}), TLSNotYetValid},
	} {
		t.Run(test.name, func(t *testing.T) {
			server.SetCertificate(test.certificate)
			for _, security := range []Security{TLS, STARTTLS} {
				server.ResetLog()
				addr := server.TLSAddr()
				if security == STARTTLS {
					addr = server.Addr()
				}
				_, err := Dial(t.Context(), addr, &Options{Security: security, RootCAs: server.CertPool()})
				var e *TLSError
				if !errors.As(err, &e) || e.Reason != test.want || e.Certificate == nil {
					t.Errorf("%v: %v", security, err)
				}
				for _, command := range server.Log() {
					if command.Line != "STLS" {
						t.Errorf("%v: sent %q", security, command.Line)
					}
				}
			}
		})
	}
}

func TestSkippingVerificationIsNotHonoured(t *testing.T) {
	server := pop3test.NewServer(t)
	_, err := Dial(t.Context(), server.TLSAddr(), &Options{TLSConfig: &tls.Config{InsecureSkipVerify: true}})
	if !tlsReason(TLSUnknownAuthority)(err) {
		t.Errorf("Dial: %v", err)
	}
}

func TestPin(t *testing.T) {
	t.Run("20 an exception is bound to address and certificate", func(t *testing.T) {
		ctx := t.Context()
		server := pop3test.NewServer(t)
		signed := issue(t, server.Authority(), pop3test.Leaf{})
		first := issue(t, server.Authority(), pop3test.Leaf{SelfSigned: true})
		second := issue(t, server.Authority(), pop3test.Leaf{SelfSigned: true})
		addr := server.TLSAddr()
		opt := &Options{Pin: &Pin{Addr: addr, SHA256: Fingerprint(first.Leaf)}, RootCAs: server.CertPool()}

		server.SetCertificate(first)
		c, err := Dial(ctx, addr, opt)
		if err != nil || !c.Pinned() {
			t.Fatalf("pinned certificate: %v", err)
		}
		c.Close()

		_, port, _ := net.SplitHostPort(addr)
		if _, err := Dial(ctx, "localhost:"+port, opt); !tlsReason(TLSUnknownAuthority)(err) {
			t.Errorf("pinned certificate under another address: %v", err)
		}

		server.SetCertificate(second)
		if _, err := Dial(ctx, addr, opt); !tlsReason(TLSPinChanged)(err) {
			t.Errorf("another certificate: %v", err)
		}

		server.SetCertificate(signed)
		c, err = Dial(ctx, addr, opt)
		if err != nil || c.Pinned() {
			t.Fatalf("valid certificate: %v, pinned %v", err, c.Pinned())
		}
		c.Close()
	})
}

func TestNoTLSOnTLSPort(t *testing.T) {
	server := pop3test.NewServer(t)
	if _, err := Dial(t.Context(), server.Addr(), nil); !tlsReason(TLSNotTLS)(err) {
		t.Errorf("Dial: %v", err)
	}
	if n := server.Sessions(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestTLSOnClearTextPort(t *testing.T) {
	server := pop3test.NewServer(t)
	opt := &Options{Security: STARTTLS, Timeouts: Timeouts{Greeting: 50 * time.Millisecond}}
	if _, err := Dial(t.Context(), server.TLSAddr(), opt); !is[*TimeoutError](err) {
		t.Errorf("Dial: %v", err)
	}
}

func TestOldTLS(t *testing.T) {
	certificate := issue(t, newAuthority(t), pop3test.Leaf{})
	for _, test := range []struct {
		name   string
		server *tls.Config
	}{
		{"21 TLS 1.1 at most", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}},
		{"21 RC4 and 3DES only", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.server.Certificates = []tls.Certificate{certificate}
			l, err := tls.Listen("tcp", "127.0.0.1:0", test.server)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				conn, err := l.Accept()
				if err == nil {
					conn.(*tls.Conn).Handshake()
					conn.Close()
				}
			}()
			opt := &Options{TLSConfig: &tls.Config{MinVersion: tls.VersionTLS10}}
			if _, err := Dial(t.Context(), l.Addr().String(), opt); !tlsReason(TLSOther)(err) {
				t.Errorf("Dial: %v", err)
			}
		})
	}
}

func TestConnectErrors(t *testing.T) {
	t.Run("52 servers that are silent or not there", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		opt := &Options{Timeouts: Timeouts{TLS: 50 * time.Millisecond}}
		if _, err := Dial(t.Context(), addr, opt); !is[*TimeoutError](err) {
			t.Errorf("a server that never speaks: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := Dial(ctx, addr, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		l.Close()
		if _, err := Dial(t.Context(), addr, nil); !is[*ConnError](err) {
			t.Errorf("nobody there: %v", err)
		}
		if _, err := Dial(t.Context(), "bad\r\nhost", nil); !is[*ArgumentError](err) {
			t.Errorf("bad address: %v", err)
		}
	})
}
