package pop3test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
)

// TB is the part of testing.TB that NewServer needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Command is a line that a client sent.
type Command struct {
	Session int // counted from 1 over both ports
	TLS     bool
	Line    string // as sent, credentials and all; SASL responses too
}

// maxLog bounds the log of a server that runs for long; the oldest half goes.
const maxLog = 1 << 18

// Server is a POP3 server on the loopback interface.
type Server struct {
	authority *Authority
	clear     net.Listener
	tls       net.Listener
	running   sync.WaitGroup
	closed    chan struct{}

	mu          sync.Mutex
	config      Config
	certificate tls.Certificate
	drops       map[string]*Maildrop
	conns       map[net.Conn]struct{}
	sessions    int
	log         []Command
}

// NewServer starts a server for a test and closes it when the test ends.
func NewServer(tb TB, drops ...*Maildrop) *Server {
	tb.Helper()
	s, err := Start(drops...)
	if err != nil {
		tb.Fatalf("start POP3 server: %v", err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// Start starts a server, which the caller closes.
func Start(drops ...*Maildrop) (*Server, error) {
	authority, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	certificate, err := authority.Issue(Leaf{})
	if err != nil {
		return nil, err
	}
	s := &Server{
		authority:   authority,
		certificate: certificate,
		closed:      make(chan struct{}),
		drops:       make(map[string]*Maildrop),
		conns:       make(map[net.Conn]struct{}),
	}
	for _, drop := range drops {
		s.drops[drop.user] = drop
	}
	if s.clear, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if s.tls, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		s.clear.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.running.Go(func() { s.accept(s.clear, false) })
	s.running.Go(func() { s.accept(s.tls, true) })
	return s, nil
}

// Close stops listening, cuts all sessions, and waits for them to end.
func (s *Server) Close() error {
	s.mu.Lock()
	select {
	case <-s.closed:
		s.mu.Unlock()
		return nil
	default:
	}
	close(s.closed)
	err := errors.Join(s.clear.Close(), s.tls.Close())
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

// Addr is the address for clear text and STLS, "127.0.0.1:port".
func (s *Server) Addr() string { return s.clear.Addr().String() }

// TLSAddr is the address for TLS from the first octet.
func (s *Server) TLSAddr() string { return s.tls.Addr().String() }

// Authority is the authority that signed the server's first certificate.
func (s *Server) Authority() *Authority { return s.authority }

// CertPool gives a pool that holds the server's authority.
func (s *Server) CertPool() *x509.CertPool { return s.authority.CertPool() }

// Certificate gives the certificate in use.
func (s *Server) Certificate() *x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.certificate.Leaf
}

// SetCertificate changes the certificate for connections to come.
func (s *Server) SetCertificate(certificate tls.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.certificate = certificate
}

// AddMaildrop adds a user, or replaces the one of the same name.
func (s *Server) AddMaildrop(drop *Maildrop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops[drop.user] = drop
}

// Configure changes the configuration for sessions to come.
func (s *Server) Configure(change func(*Config)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.Faults = slices.Clone(s.config.Faults) // open sessions keep theirs
	change(&s.config)
}

// SetFaults replaces the faults for sessions to come; without arguments the
// server behaves.
func (s *Server) SetFaults(faults ...Fault) {
	s.Configure(func(c *Config) { c.Faults = faults })
}

// Log gives the lines that clients have sent, in the order of their arrival.
func (s *Server) Log() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetLog forgets what clients have sent, and counts sessions from 1 again.
func (s *Server) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log, s.sessions = nil, 0
}

// Sessions gives the number of connections so far.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

func (s *Server) accept(l net.Listener, implicit bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		session := s.open(conn)
		if session == nil {
			conn.Close()
			return
		}
		s.running.Go(func() {
			defer s.forget(conn)
			session.serve(implicit)
		})
	}
}

// open makes the session of a connection; nil if the server is closed.
func (s *Server) open(conn net.Conn) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return nil
	default:
	}
	s.conns[conn] = struct{}{}
	s.sessions++
	return newSession(s, conn, s.sessions, s.config)
}

func (s *Server) forget(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// record notes a line of a client.
func (s *Server) record(c Command) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) >= maxLog {
		s.log = slices.Delete(s.log, 0, maxLog/2)
	}
	s.log = append(s.log, c)
}

// drop finds a user's maildrop.
func (s *Server) drop(user string) *Maildrop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drops[user]
}

// tlsConfig is the server's side of TLS.
func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			certificate := s.certificate
			return &certificate, nil
		},
		ClientAuth: tls.RequestClientCert,
	}
}
