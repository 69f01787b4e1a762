package syncer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/internal/seal"
	"postern/pop3client"
	"postern/store"
)

// Report is what a probe of a POP3 server found. Nothing was downloaded or deleted.
type Report struct {
	Server   string     `json:"server"`  // as named
	Address  string     `json:"address"` // as reached, "ip:port"
	Greeting string     `json:"greeting"`
	TLS      *TLSReport `json:"tls"` // null: not encrypted

	Refused *RefusedCertificate `json:"refused_certificate,omitempty"` // why there is no TLS

	Before     []string   `json:"capabilities_before_login"`
	After      []string   `json:"capabilities_after_login"`
	LoggedIn   bool       `json:"logged_in"`
	Mechanism  string     `json:"mechanism"` // that the login was done with
	Messages   int        `json:"messages"`
	Octets     int64      `json:"octets"`
	Oldest     *time.Time `json:"oldest"`     // the first message; null: not known
	Newest     *time.Time `json:"newest"`     // the last
	UIDL       bool       `json:"uidl"`       // as found by trying, like the next two
	TOP        *bool      `json:"top"`        // null: an empty maildrop does not tell
	Pipelining *bool      `json:"pipelining"` // null: not found out
	LoginDelay int        `json:"login_delay_seconds"`
	Expire     string     `json:"expire"`
	Remarks    []string   `json:"remarks,omitempty"`
	Error      string     `json:"error,omitempty"`
	Advice     string     `json:"advice,omitempty"`
	Trouble    *Trouble   `json:"-"`
}

// TLSReport is what is known of an encrypted connection.
type TLSReport struct {
	Version string    `json:"version"` // "TLS 1.3"
	Cipher  string    `json:"cipher"`
	Names   []string  `json:"names"` // the certificate's
	Issuer  string    `json:"issuer"`
	Chain   []string  `json:"chain"` // subjects, from the certificate to the root
	Expires time.Time `json:"expires"`
	SHA256  string    `json:"sha256"` // of the certificate, hexadecimal
	Pinned  bool      `json:"pinned"` // it was accepted for its fingerprint alone

	Fingerprint store.Fingerprint `json:"-"`
}

// probeTimeouts are short, since a person waits; but for the login, which servers delay
// on purpose.
var probeTimeouts = pop3client.Timeouts{
	Connect: 6 * time.Second, Greeting: 6 * time.Second, TLS: 6 * time.Second, Reply: 8 * time.Second, Auth: 18 * time.Second,
}

// Probe connects, logs in and looks around: "Test connection" and `postern probe`.
// owner says whether the person is one. Trouble stands in the report; what was found
// before it, too.
func (c *Connector) Probe(ctx context.Context, owner bool, s store.Settings, password seal.Secret) *Report {
	r := &Report{Server: address(s)}
	if err := c.probe(ctx, owner, s, password, r); err != nil {
		r.Trouble, r.Refused = explain(err, s), refusedCertificate(err, s)
		r.Error, r.Advice = r.Trouble.What, r.Trouble.Advice
	}
	return r
}

func (c *Connector) probe(ctx context.Context, owner bool, s store.Settings, password seal.Secret, r *Report) error {
	if err := checkLogin(s, password); err != nil {
		return err
	}
	// Pipelining is found out by trying: what CAPA says of it is often wrong either way.
	client, err := c.dial(ctx, owner, s, pop3client.Options{Pipelining: pop3client.PipelineOn, Timeouts: probeTimeouts})
	if err != nil {
		return err
	}
	defer client.Close()
	r.Address, r.Greeting = client.RemoteAddr().String(), client.Greeting()
	if state, ok := client.TLSState(); ok {
		r.TLS = reportTLS(state)
		r.TLS.Pinned = client.Pinned()
	}
	r.Before = words(client.Capabilities())
	if err := client.Login(ctx, s.Username, password.Reveal()); err != nil {
		return err
	}
	r.LoggedIn, r.Mechanism = true, client.Mechanism()
	r.After = words(client.Capabilities())
	if d, ok := client.Capabilities().LoginDelay(); ok {
		r.LoginDelay = int(d.Seconds())
	}
	if days, ok := client.Capabilities().Expire(); ok {
		r.Expire = expire(days)
	}
	l, err := client.Listing(ctx)
	if err != nil {
		return err
	}
	r.Messages, r.UIDL = len(l.List), l.NoUIDL == nil
	for _, m := range l.List {
		r.Octets += m.Octets
	}
	if l.Stat.Count != r.Messages {
		r.Remarks = append(r.Remarks, told("The server counts %s and lists %d.", plural(l.Stat.Count, "%d message", "%d messages"), r.Messages))
	}
	if err := tryTop(ctx, client, l.List, r); err != nil {
		return err
	}
	client.Quit(ctx) // a server that hangs up rudely now has answered everything
	return nil
}

// tryTop asks for the headers of the first and the last message in one go: that tells
// whether TOP works, whether the server bears pipelining, and how old the mail is.
func tryTop(ctx context.Context, client *pop3client.Client, list []pop3client.ScanListing, r *Report) error {
	if len(list) == 0 {
		return nil
	}
	nums := []int{list[0].Num}
	if len(list) > 1 {
		nums = append(nums, list[len(list)-1].Num)
	}
	works := true
	header := &spool{limit: maxProbeHeader}
	times := make([]*time.Time, 0, len(nums))
	err := client.TopAll(ctx, nums, 0,
		func(int) (io.Writer, error) {
			header = &spool{limit: maxProbeHeader}
			return header, nil
		},
		func(_ int, _ int64, err error) error {
			var refused *pop3client.Error
			switch {
			case errors.As(err, &refused):
				works = false
			case err != nil && !errors.Is(err, errTooBig):
				return err
			}
			t, err := receivedAt(header)
			times = append(times, t)
			return err
		})
	if pipe := (*pop3client.PipelineError)(nil); errors.As(err, &pipe) {
		borne := false
		r.Pipelining = &borne
	}
	if err != nil {
		return err
	}
	r.TOP, r.Oldest, r.Newest = &works, times[0], times[len(times)-1]
	if len(nums) > 1 {
		borne := true
		r.Pipelining = &borne
	}
	return nil
}

// maxProbeHeader bounds the headers that a probe looks at; it must fit into memory.
const maxProbeHeader = memorySpool

// receivedAt is when a message arrived, by its header; nil: it does not tell.
func receivedAt(header *spool) (*time.Time, error) {
	m, err := message.Parse(header, header.size)
	if err != nil {
		return nil, err
	}
	for _, t := range []time.Time{m.Envelope.Received, m.Envelope.Date} {
		if !t.IsZero() {
			utc := t.UTC()
			return &utc, nil
		}
	}
	return nil, nil
}

func reportTLS(state tls.ConnectionState) *TLSReport {
	t := &TLSReport{Version: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite)}
	if len(state.PeerCertificates) > 0 {
		leaf := state.PeerCertificates[0]
		t.Fingerprint = store.Fingerprint(pop3client.Fingerprint(leaf))
		t.Issuer, t.Expires, t.SHA256 = certificateWords(issuerName(leaf)), leaf.NotAfter, t.Fingerprint.Hex()
		t.Names = certificateNames(leaf)
		chain := state.PeerCertificates
		if len(state.VerifiedChains) > 0 {
			chain = state.VerifiedChains[0]
		}
		for _, cert := range chain {
			t.Chain = append(t.Chain, certificateWords(cert.Subject.String()))
		}
	}
	return t
}

func words(c pop3client.Capabilities) []string {
	all := make([]string, len(c))
	for i := range c {
		all[i] = c[i].String()
	}
	return all
}

func expire(days int) string {
	switch days {
	case -1:
		return told("never")
	case 0:
		return told("mail cannot be left on the server")
	}
	return plural(days, "after %d day", "after %d days")
}

// Sentence sums up a probe that worked.
func (r *Report) Sentence() string {
	return told("It works: %s, %s.", plural(r.Messages, "%d message", "%d messages"), megabytes(r.Octets))
}

// Fact is one line of a report in words. Good is +1, 0 or -1.
type Fact struct {
	Name, Value string
	Good        int
}

// Facts tells the report in words, in the order in which things were found.
func (r *Report) Facts() []Fact {
	var f []Fact
	add := func(good int, name, value i18n.Key, args ...any) {
		f = append(f, Fact{told(name), told(value, args...), good})
	}
	if r.Refused != nil {
		return r.Refused.facts()
	}
	if r.Address == "" {
		return nil
	}
	add(1, "Connected to", "%s", r.Address)
	add(0, "Greeting", "%s", r.Greeting)
	if r.TLS != nil {
		add(1, "Encryption", "%s, certificate for %s by %s, valid until %s", r.TLS.Version, strings.Join(r.TLS.Names, ", "), r.TLS.Issuer, day(r.TLS.Expires))
		if r.TLS.Pinned {
			add(1, "Certificate", "trusted by you, SHA-256 %s", r.TLS.Fingerprint)
		}
	} else {
		add(-1, "Encryption", "none: the password and all mail can be read on the way")
	}
	if !r.LoggedIn {
		add(-1, "Login", "no")
		return f
	}
	by := r.Mechanism
	if by == "USER" {
		by = "USER/PASS"
	}
	add(1, "Login", "yes, by %s", by)
	add(0, "Messages", "%s, %s", i18n.Number(r.Messages), megabytes(r.Octets))
	if r.Oldest != nil && r.Newest != nil {
		add(0, "From", "%s – %s", day(*r.Oldest), day(*r.Newest))
	}
	add(yes(r.UIDL), "UIDL", choose(r.UIDL, "yes", "no: messages are told apart by their headers, which takes longer"))
	if r.TOP != nil {
		add(yes(*r.TOP), "TOP", choose(*r.TOP, "yes", "no"))
	} else {
		add(0, "TOP", "not known: there is no message to try it with")
	}
	if r.Pipelining != nil {
		add(yes(*r.Pipelining), "Pipelining", choose(*r.Pipelining, "yes", "no"))
	}
	if r.LoginDelay > 0 {
		add(0, "Time between logins", "at least %s", time.Duration(r.LoginDelay)*time.Second)
	}
	if r.Expire != "" {
		add(0, "The server keeps mail", "%s", r.Expire)
	}
	for _, remark := range r.Remarks {
		add(0, "Remark", "%s", remark)
	}
	return f
}

func yes(b bool) int { return int(map[bool]int{true: 1, false: -1}[b]) }

func choose(b bool, yes, no i18n.Key) i18n.Key {
	if b {
		return yes
	}
	return no
}
