package syncer

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"postern/internal/autoconfig"
	"postern/internal/i18n"
	"postern/pop3client"
	"postern/store"
)

// RefusedCertificate is one that a server showed and that was refused. Whoever made it chose its words.
type RefusedCertificate struct {
	Names      []string  `json:"names"`       // hosts that it is made for
	OtherName  bool      `json:"other_name"`  // the server's is none of them
	Issuer     string    `json:"issuer"`      // who has signed it
	SelfSigned bool      `json:"self_signed"` // it vouches for itself alone
	Unknown    bool      `json:"unknown"`     // this machine knows none of the authorities that vouch for it
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
	SHA256     string    `json:"sha256"` // hexadecimal

	Fingerprint store.Fingerprint `json:"-"`
	trusted     store.Fingerprint // the one that was expected; zero: none was
}

// refusedCertificate is the certificate for which TLS failed; nil: it failed for something else.
func refusedCertificate(err error, s store.Settings) *RefusedCertificate {
	var refused *pop3client.TLSError
	if !errors.As(err, &refused) || refused.Certificate == nil {
		return nil
	}
	cert := refused.Certificate
	fingerprint := store.Fingerprint(pop3client.Fingerprint(cert))
	return &RefusedCertificate{
		Names: certificateNames(cert), OtherName: cert.VerifyHostname(s.Host) != nil,
		Issuer: certificateWords(issuerName(cert)), SelfSigned: selfSigned(cert), Unknown: isUnknown(cert, refused.Err),
		From: cert.NotBefore, Until: cert.NotAfter,
		SHA256: fingerprint.Hex(), Fingerprint: fingerprint, trusted: s.Pin,
	}
}

// isUnknown tells whether nobody known vouches for a certificate; what was found wrong with it first may be something else.
func isUnknown(cert *x509.Certificate, err error) bool {
	var authority x509.UnknownAuthorityError
	return errors.As(err, &authority) || selfSigned(cert)
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject) && cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

func issuerName(cert *x509.Certificate) string {
	if cert.Issuer.CommonName != "" {
		return cert.Issuer.CommonName
	}
	return cert.Issuer.String()
}

// Bounds of what a certificate's maker says.
const (
	mostNames = 5
	mostWords = 100 // characters
)

// certificateNames are the first of the hosts that a certificate is made for.
func certificateNames(cert *x509.Certificate) []string {
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && cert.Subject.CommonName != "" {
		names = []string{cert.Subject.CommonName} // as it was done long ago
	}
	names = names[:min(len(names), mostNames)]
	for i, name := range names {
		names[i] = certificateWords(name)
	}
	return names
}

func certificateWords(s string) string {
	words := []rune(plain(s))
	if len(words) > mostWords {
		return string(words[:mostWords]) + "…"
	}
	return string(words)
}

// facts tells a person what to compare.
func (c *RefusedCertificate) facts() []Fact {
	var f []Fact
	add := func(good int, name, value i18n.Key, args ...any) {
		f = append(f, Fact{told(name), told(value, args...), good})
	}
	names := strings.Join(c.Names, ", ")
	switch {
	case names == "":
		add(-1, "Made for", "nobody: it has no name")
	case c.OtherName:
		add(-1, "Made for", "%s, which is not this server", names)
	default:
		add(0, "Made for", "%s", names)
	}
	switch {
	case c.SelfSigned:
		add(-1, "Signed by", "itself: no authority vouches for it")
	case c.Unknown:
		add(-1, "Signed by", "%s, which this machine does not know", c.Issuer)
	default:
		add(0, "Signed by", "%s", c.Issuer)
	}
	from, until := day(c.From), day(c.Until)
	switch now := time.Now(); {
	case now.After(c.Until):
		add(-1, "Valid", "from %s until %s: it has expired", from, until)
	case now.Before(c.From):
		add(-1, "Valid", "from %s until %s: it is not valid yet", from, until)
	default:
		add(0, "Valid", "from %s until %s", from, until)
	}
	if !c.trusted.IsZero() {
		add(0, "SHA-256 that you trusted", "%s", c.trusted)
	}
	add(0, "SHA-256 fingerprint", "%s", c.Fingerprint)
	return f
}

func day(t time.Time) string { return t.Format("2 January 2006") }

// trustAdvice says how to go on with a certificate that does not verify.
func trustAdvice(cert *x509.Certificate, s store.Settings) string {
	shown := store.Fingerprint(pop3client.Fingerprint(cert))
	switch p := autoconfig.ByHost(s.Host); {
	case p != nil:
		return told("No password was sent. Every machine knows the authorities that vouch for %s: somebody may be listening in, or this machine's list of authorities is too old.", p.Name)
	case !s.Pin.IsZero():
		return told("No password was sent. The fingerprint (SHA-256) that you trusted: %s. The one that it shows now: %s. If the server's owner has changed it, trust the new one on the account's page, or with --pin; else somebody may be listening in.", s.Pin, shown)
	}
	return told("No password was sent. Its fingerprint (SHA-256) is %s. If that is your own server's, trust it on the account's page, or with --pin; else somebody may be listening in.", shown)
}

// heedCertificate forgets the certificate that a person trusted once the server shows one that verifies: then no
// exception is needed any more. Of one that has expired it speaks.
func (s *session) heedCertificate(ctx context.Context) error {
	state, secured := s.client.TLSState()
	switch {
	case s.account.Pin.IsZero() || !secured:
		return nil
	case !s.client.Pinned():
		s.record.Remarks = append(s.record.Remarks, told("The certificate of %s verifies by itself now: the one that you trusted was forgotten.", s.account.Host))
		return s.Store.DropPin(ctx, s.account)
	}
	if until := state.PeerCertificates[0].NotAfter; time.Now().After(until) {
		s.record.Remarks = append(s.record.Remarks, told("The certificate that you trusted for %s expired on %s.", s.account.Host, day(until)))
	}
	return nil
}
