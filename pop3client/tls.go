package pop3client

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Pin is a certificate that a person has decided to trust for one server.
type Pin struct {
	Addr   string   // "host:port" as dialled; the pin is worth nothing anywhere else
	SHA256 [32]byte // Fingerprint of the leaf certificate
}

// Fingerprint is the SHA-256 of a certificate, as a Pin holds it.
func Fingerprint(cert *x509.Certificate) [32]byte { return sha256.Sum256(cert.Raw) }

// TLSReason is why TLS could not be established.
type TLSReason int

// The reasons, as far as they are told apart.
const (
	TLSOther            TLSReason = iota // no TLS 1.2, a bad handshake, a cut connection
	TLSUnknownAuthority                  // self-signed, or signed by an authority not known here
	TLSName                              // the certificate is another host's
	TLSExpired                           // the certificate's time is over
	TLSNotYetValid                       // the certificate's time has not come; perhaps the clock is wrong
	TLSPinChanged                        // neither the pinned certificate nor a valid one
	TLSNotTLS                            // the server does not speak TLS on this port
)

// String gives the reason in words.
func (r TLSReason) String() string {
	switch r {
	case TLSUnknownAuthority:
		return "certificate signed by unknown authority"
	case TLSName:
		return "certificate is for another name"
	case TLSExpired:
		return "certificate has expired"
	case TLSNotYetValid:
		return "certificate is not yet valid"
	case TLSPinChanged:
		return "certificate has changed"
	case TLSNotTLS:
		return "server does not speak TLS on this port"
	default:
		return "TLS failed"
	}
}

// TLSError is a TLS handshake that failed. No credential has been sent.
type TLSError struct {
	Reason      TLSReason
	Certificate *x509.Certificate // the leaf that was refused; nil if it did not come to that
	Err         error
}

// Error gives the reason and the cause.
func (e *TLSError) Error() string { return fmt.Sprintf("pop3: %s: %v", e.Reason, e.Err) }

// Unwrap gives the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// stls asks for TLS and starts it.
func (c *Client) stls(ctx context.Context) error {
	start := time.Now()
	x, err := c.begin(ctx, "STLS", c.opt.Timeouts.TLS)
	if err != nil {
		return err
	}
	err = x.askTLS()
	x.end()
	if err != nil {
		return c.breakOff(err)
	}
	return c.startTLS(ctx, start)
}

// askTLS sends STLS. What came behind its reply came in clear text, from
// whoever wanted it to be read as if it had come inside TLS.
func (x *exchange) askTLS() error {
	if err := x.send("STLS", "STLS"); err != nil {
		return err
	}
	if _, err := x.status(); err != nil {
		return err
	}
	if x.c.wire.r.Buffered() > 0 {
		return x.malformed("clear text behind the reply to STLS", nil)
	}
	return nil
}

// startTLS does the handshake, which must end Timeouts.TLS after start.
func (c *Client) startTLS(ctx context.Context, start time.Time) error {
	if !c.busy.TryLock() {
		return ErrInUse
	}
	defer c.busy.Unlock()
	handshakeCtx, cancel := context.WithDeadline(ctx, start.Add(c.opt.Timeouts.TLS))
	defer cancel()
	conn := tls.Client(c.wire.conn, c.tlsConfig())
	err := conn.HandshakeContext(handshakeCtx)
	if err != nil {
		return c.breakOff(c.handshakeError(ctx, err, time.Since(start)))
	}
	state := conn.ConnectionState()
	c.tls = &state
	c.wire.upgrade(conn)
	return nil
}

// handshakeError types the error of a handshake.
func (c *Client) handshakeError(ctx context.Context, err error, after time.Duration) error {
	var verification *TLSError
	var record tls.RecordHeaderError
	cause := context.Cause(ctx)
	switch {
	case errors.As(err, &verification):
		return verification
	case cause != nil && !errors.Is(cause, context.DeadlineExceeded):
		return &ConnError{Command: "TLS handshake", Err: cause}
	case isTimeout(err):
		return &TimeoutError{Command: "TLS handshake", After: after, Err: err}
	case errors.As(err, &record):
		return &TLSError{Reason: TLSNotTLS, Err: err}
	}
	return &TLSError{Reason: TLSOther, Err: err}
}

// tlsConfig is the caller's configuration with the verification of this
// package, which knows extra authorities and the pin.
func (c *Client) tlsConfig() *tls.Config {
	config := new(tls.Config)
	if c.opt.TLSConfig != nil {
		config = c.opt.TLSConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = c.host
	}
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	config.InsecureSkipVerify = true // verify does it
	then := config.VerifyConnection
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if err := c.verify(config, state); err != nil {
			return err
		}
		if then != nil {
			return then(state)
		}
		return nil
	}
	return config
}

// verify checks the server's certificate: by its chain and name, else by the pin.
func (c *Client) verify(config *tls.Config, state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return &TLSError{Reason: TLSOther, Err: errors.New("server sent no certificate")}
	}
	leaf := state.PeerCertificates[0]
	err := verifyChain(config, config.RootCAs, state.PeerCertificates)
	if c.opt.RootCAs != nil && reasonOf(err) == TLSUnknownAuthority {
		err = verifyChain(config, c.opt.RootCAs, state.PeerCertificates)
	}
	if err == nil {
		return nil
	}
	reason := reasonOf(err)
	if pin := c.opt.Pin; pin != nil && strings.EqualFold(pin.Addr, c.pinAddr()) {
		if pin.SHA256 == Fingerprint(leaf) {
			c.pinned = true
			return nil
		}
		reason = TLSPinChanged
	}
	return &TLSError{Reason: reason, Certificate: leaf, Err: err}
}

// pinAddr is the address that a pin must name.
func (c *Client) pinAddr() string {
	if c.addr == "" {
		return net.JoinHostPort(c.host, c.opt.Security.Port())
	}
	return c.addr
}

func verifyChain(config *tls.Config, roots *x509.CertPool, chain []*x509.Certificate) error {
	if config.ServerName == "" {
		return x509.HostnameError{Certificate: chain[0], Host: "(none given)"}
	}
	opt := x509.VerifyOptions{Roots: roots, DNSName: config.ServerName, Intermediates: x509.NewCertPool()}
	if config.Time != nil {
		opt.CurrentTime = config.Time()
	}
	for _, cert := range chain[1:] {
		opt.Intermediates.AddCert(cert)
	}
	_, err := chain[0].Verify(opt)
	return err
}

// reasonOf classifies an error of certificate verification.
func reasonOf(err error) TLSReason {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noRoots x509.SystemRootsError // a container without any authorities
	switch {
	case errors.As(err, &authority), errors.As(err, &noRoots):
		return TLSUnknownAuthority
	case errors.As(err, &name):
		return TLSName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if invalid.Cert != nil && time.Now().Before(invalid.Cert.NotBefore) {
			return TLSNotYetValid
		}
		return TLSExpired
	}
	return TLSOther
}
