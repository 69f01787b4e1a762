package pop3client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"
)

// Security is how the connection is protected.
type Security int

// The ways to protect a connection. There is no "TLS if offered": whoever can
// strip the offer would get the password.
const (
	TLS      Security = iota // TLS from the first octet (RFC 8314), port 995
	STARTTLS                 // STLS before anything else, required (RFC 2595), port 110
	None                     // clear text, port 110
)

// String gives "TLS", "STARTTLS" or "None".
func (s Security) String() string {
	switch s {
	case TLS:
		return "TLS"
	case STARTTLS:
		return "STARTTLS"
	default:
		return "None"
	}
}

// Port is the registered port: "995" for TLS, else "110".
func (s Security) Port() string {
	if s == TLS {
		return "995"
	}
	return "110"
}

// Pipelining says when several commands are sent before the first is answered.
type Pipelining int

// The choices for pipelining.
const (
	PipelineAuto Pipelining = iota // where the server's CAPA, after login, lists PIPELINING
	PipelineOn                     // always; bolder, and in practice borne by nearly every server
	PipelineOff                    // never
)

// Direction tells who sent a line of the dialogue.
type Direction byte

// The two directions, printable.
const (
	Sent     Direction = 'C'
	Received Direction = 'S'
)

// Dialer makes connections. *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// Options are the settings of a client. The zero value is TLS, verified against
// the system's certificate authorities, with the default limits.
type Options struct {
	// Security is how the connection is protected. The default is TLS.
	Security Security

	// TLSConfig is the base of the TLS configuration; it is cloned. ServerName
	// is set from the address when empty, MinVersion is at least TLS 1.2.
	// InsecureSkipVerify is not honoured: trust a certificate with Pin.
	TLSConfig *tls.Config

	// RootCAs are trusted besides those of TLSConfig.RootCAs or the system.
	RootCAs *x509.CertPool

	// Pin is a certificate trusted though it does not verify; nil for none.
	Pin *Pin

	// Dialer makes the connection; nil means a net.Dialer.
	Dialer Dialer

	// Mechanisms are the names Login may choose from, in order of preference:
	// SASL names, "APOP", and "USER" for USER and PASS. nil means, inside TLS,
	// the strongest that the server offers, and outside TLS none at all: there
	// each must be allowed by its name.
	Mechanisms []string

	// Pipelining says when commands are pipelined.
	Pipelining Pipelining

	// NoCAPA leaves CAPA out, for servers that hang or hang up on it.
	NoCAPA bool

	// NoUTF8 leaves UTF8 (RFC 6856) out, which is otherwise sent where offered:
	// Courier replaces messages with 8-bit header fields by a notice without it.
	NoUTF8 bool

	// Timeouts and Limits bound what a server can cost; see there.
	Timeouts Timeouts
	Limits   Limits

	// Trace, if set, is told every line of the dialogue, without line end, in
	// the goroutine of the command. Credentials are blanked; of messages and
	// listings only the size is told.
	Trace func(dir Direction, line string)
}

// Timeouts bound how long each kind of exchange may take, whatever arrives
// meanwhile: a server that sends an octet a second gains nothing. Zero fields
// take the defaults. A context's deadline applies besides.
type Timeouts struct {
	Connect  time.Duration // making the connection [10 s]
	Greeting time.Duration // waiting for the greeting [15 s]
	TLS      time.Duration // STLS and handshake together [15 s]
	Auth     time.Duration // each step of a login; servers stall on purpose after failures [60 s]
	Reply    time.Duration // a status line [30 s]
	Quit     time.Duration // the reply to QUIT, before which servers delete [2 min]
	Idle     time.Duration // silence inside a listing or message [30 s]
	MinRate  int64         // octets a second inside a listing or message, on average after the first Reply [512]
}

// Limits bound the size of what a server may send. Zero fields take the
// defaults, negative ones mean no limit (of the window: one command).
type Limits struct {
	Line            int   // octets of a status line [8192]
	Text            int   // octets kept of a status line's text in errors [500]
	CapabilityLines int   // lines of a CAPA reply [1000]
	ListingLines    int   // lines of a LIST or UIDL reply [1,000,000]
	ListingOctets   int64 // octets of a LIST or UIDL reply [24 MiB]
	MessageOctets   int64 // octets of one message [2 GiB]
	AuthRounds      int   // challenges in one authentication [16]
	Window          int   // commands in flight when pipelining [4096]
	WindowOctets    int64 // octets expected in reply to them, by LIST [64 MiB]
}

func (t Timeouts) withDefaults() Timeouts {
	def(&t.Connect, 10*time.Second)
	def(&t.Greeting, 15*time.Second)
	def(&t.TLS, 15*time.Second)
	def(&t.Auth, time.Minute)
	def(&t.Reply, 30*time.Second)
	def(&t.Quit, 2*time.Minute)
	def(&t.Idle, 30*time.Second)
	def(&t.MinRate, 512)
	return t
}

func (l Limits) withDefaults() Limits {
	def(&l.Line, 8192)
	def(&l.Text, 500)
	def(&l.CapabilityLines, 1000)
	def(&l.ListingLines, 1_000_000)
	def(&l.ListingOctets, 24<<20)
	def(&l.MessageOctets, 2<<30)
	def(&l.AuthRounds, 16)
	def(&l.Window, 4096)
	def(&l.WindowOctets, 64<<20)
	l.Window, l.WindowOctets = max(l.Window, 1), max(l.WindowOctets, 1)
	return l
}

// def sets a zero value to its default.
func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
