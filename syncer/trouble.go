package syncer

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"unicode"

	"postern/internal/autoconfig"
	"postern/internal/dialer"
	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/pop3client"
	"postern/store"
)

// Kind is what went wrong with an account, as far as it matters what to do next.
type Kind int

// The kinds of trouble.
const (
	Unknown     Kind = iota
	NoSuchHost       // the name does not resolve
	Unreachable      // refused, no route, cut
	Slow             // a time-out
	Forbidden        // an address that this person may not connect to
	Certificate      // TLS, but not with the right server
	Changed          // another certificate than the one that a person trusts
	NoTLS            // no TLS where it is asked for
	NotPOP3          // something else answers there
	BadLogin         // the server refuses user name or password
	NoMechanism      // no way to log in that is safe
	Busy             // locked, throttled, or in trouble; passes by itself
	Refused          // any other -ERR
	Here             // our own disk or database
	Interrupted      // Stop, or the program ends
)

// Trouble is an error as a person reads it: what went wrong, and what to do.
type Trouble struct {
	Kind   Kind
	What   string // a sentence; the server's own words stand in “ ”
	Advice string // a sentence, or ""
	Err    error

	veiled bool // what the server said is not for this person
}

// Error implements error with both sentences.
func (t *Trouble) Error() string { return strings.TrimSpace(t.What + " " + t.Advice) }

// passes tells whether trouble of this kind may pass by itself, so that the next check
// is worth waiting for.
func (k Kind) passes() bool {
	switch k {
	case Unknown, Unreachable, Slow, NotPOP3, NoTLS, Busy, Refused, NoSuchHost:
		return true
	}
	return false
}

// remedy is what trouble of this kind asks of a person.
func (k Kind) remedy() store.Remedy {
	switch k {
	case BadLogin:
		return store.TypePassword
	case Certificate, Changed:
		return store.ReviewCertificate
	case NoSuchHost, Forbidden, NoTLS, NotPOP3, NoMechanism:
		return store.ReviewSettings
	}
	return store.Wait
}

// Unwrap gives the cause.
func (t *Trouble) Unwrap() error { return t.Err }

// told is a text in English, as it is logged, stored and printed. Portals find its key in it again, to show it in the
// language of their readers: see i18n.Locale.Read.
func told(key i18n.Key, args ...any) string { return i18n.Say(key, args...).String() }

// explain finds the words for what went wrong in a session with the account.
func explain(err error, s store.Settings) *Trouble {
	t := &Trouble{Err: err}
	var (
		earlier *Trouble
		refused *pop3client.Error
		auth    *pop3client.AuthError
		tlsErr  *pop3client.TLSError
		proto   *pop3client.ProtocolError
		limit   *pop3client.LimitError
		timeout *pop3client.TimeoutError
		dns     *net.DNSError
		addr    *dialer.AddrError
	)
	say := func(kind Kind, advice, what i18n.Key, args ...any) *Trouble {
		t.Kind, t.What, t.Advice = kind, told(what, args...), told(advice)
		return t
	}
	switch {
	case errors.As(err, &earlier):
		return earlier
	case errors.Is(err, store.ErrChanged):
		return say(Interrupted, "It begins again with them.", "The account's settings were changed during the sync.")
	case errors.Is(err, errStopped):
		return say(Interrupted, "It goes on at the next check.", "The sync was stopped by hand.")
	case errors.Is(err, errSpool):
		return notStored(err)
	case errors.Is(err, errTooSlow):
		return say(Interrupted, "It goes on at the next check.", "%s answers so slowly that the sync took too long.", address(s))
	case errors.Is(err, errGivenAway):
		return say(Unknown, "After three such tries it is left alone.", "The sync was broken off: %v.", err)
	case errors.Is(err, context.Canceled):
		return say(Interrupted, "It goes on at the next start.", "Postern was shut down during the sync.")
	case errors.As(err, &auth):
		return explainLogin(t, auth, s)
	case errors.Is(err, pop3client.ErrNoMechanism):
		return say(NoMechanism, "Choose TLS or STARTTLS as security, or ask the provider.", "The server offers no way to log in that Postern may use.")
	case errors.Is(err, seal.ErrWrongKey), errors.Is(err, seal.ErrTampered):
		return say(BadLogin, "Type it again on the account's page.", "The stored password cannot be opened with this key file.")
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return say(NoSuchHost, "Check the spelling of the server's name.", "There is no server named %s.", s.Host)
		}
		return say(NoSuchHost, "Check this machine's network and name servers.", "The name %s could not be looked up.", s.Host)
	case errors.As(err, &addr):
		return say(Forbidden, "Whoever runs Postern can allow it with --allow-private-hosts.", "%s is at the private address %s, and you may not connect to such addresses.", s.Host, addr.Addr)
	case errors.Is(err, dialer.ErrForbidden):
		return say(Forbidden, "Use the usual ports 995 or 110.", "Connecting to %s is not allowed.", address(s))
	case errors.As(err, &tlsErr):
		return explainTLS(t, tlsErr, s)
	case errors.As(err, &timeout):
		return explainSilence(t, timeout, s)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say(Unreachable, "Check the port: 995 is usual with TLS, 110 with STARTTLS or none.", "%s refuses connections.", address(s))
	case errors.As(err, &refused):
		if refused.Temporary() {
			return say(Busy, "", "The server is busy or in trouble: “%s”.", plain(refused.Text))
		}
		if refused.Command == "STLS" {
			words := ""
			if refused.Text != "" {
				words = told(": “%s”", plain(refused.Text))
			}
			return say(Refused, "Choose TLS with port 995, or ask the provider how mail is encrypted.", "The server refused STLS, which begins STARTTLS%s.", words)
		}
		return say(Refused, "", "The server refused %s: “%s”.", refused.Command, plain(refused.Text))
	case errors.As(err, &proto):
		return explainProtocol(t, proto, s)
	case errors.As(err, &limit):
		return say(NotPOP3, "Check server and port. If this is your provider's POP3 server, please report it.", "%s sends more than a POP3 server should.", address(s))
	case isConnection(err):
		return say(Unreachable, "Check server and port, and this machine's network.", "The connection to %s failed: %v.", address(s), connectionCause(err))
	case errors.Is(err, errRoots):
		return say(Certificate, "Give the file again on the account's page.", "The account's CA file holds no certificate in PEM form.")
	}
	if store.DiskFault(err) != 0 {
		return say(Here, diskAdvice(err), "Postern cannot work with its disk: %v.", err)
	}
	return say(Unknown, "", "The sync failed: %v.", err)
}

// notStored is trouble with our own disk.
func notStored(err error) *Trouble {
	return &Trouble{Kind: Here, What: told("New mail could not be stored: %v.", err), Advice: told(diskAdvice(err)), Err: err}
}

// diskAdvice says what to do about a disk.
func diskAdvice(err error) i18n.Key {
	switch store.DiskFault(err) {
	case syscall.ENOSPC, syscall.EDQUOT:
		return "Postern's disk is full: make room there. Nothing was deleted on the server."
	case syscall.EIO:
		return "Postern's disk fails: look at the system's log, and make sure that there is a backup. Nothing was deleted on the server."
	case syscall.EROFS, syscall.EACCES, syscall.EPERM:
		return "Postern may not write to its data directory: run postern doctor, and see whether the disk is mounted for reading only. Nothing was deleted on the server."
	}
	return "See Postern's log for the cause. Nothing was deleted on the server."
}

func explainLogin(t *Trouble, auth *pop3client.AuthError, s store.Settings) *Trouble {
	var refused *pop3client.Error
	errors.As(auth, &refused)
	words := ""
	if refused != nil && refused.Text != "" {
		words = told(": “%s”", plain(refused.Text))
	}
	switch {
	case refused != nil && refused.Temporary():
		t.Kind, t.Advice = Busy, told(busyAdvice(refused.Code))
		t.What = told("The server does not let anybody in just now%s.", words)
	case refused != nil && !auth.Rejected():
		t.Kind, t.Advice = Refused, told("It says that this is not about the password; ask the provider.")
		t.What = told("The server does not let this account in%s.", words)
	case refused == nil && !auth.Rejected():
		t.Kind, t.Advice = Unreachable, ""
		t.What = told("The connection broke while logging in: %v.", connectionCause(auth))
	default:
		t.Kind, t.Advice = BadLogin, remedy(s.Host)
		t.What = told("The server refuses the user name or the password%s.", words)
	}
	return t
}

// busyAdvice says what a response code (RFC 2449, RFC 3206) tells of a login put off.
func busyAdvice(code pop3client.Code) i18n.Key {
	switch code {
	case pop3client.CodeInUse:
		return "Another program is logged in to this mailbox. That is not a wrong password."
	case pop3client.CodeLoginDelay:
		return "It wants more time between logins. That is not a wrong password."
	case pop3client.CodeSysTemp:
		return "It says that it is in trouble and that this will pass. That is not a wrong password."
	}
	return "That is not a wrong password."
}

// plain is what a server says, fit to be shown: nothing in it moves a cursor or turns the
// direction of writing.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '\uFFFD'
	}, s)
}

// remedy says what a provider's users must do before a POP3 login works.
func remedy(host string) string {
	p := autoconfig.ByHost(host)
	switch {
	case p == nil || p.NoPOP3 == "" && p.Hint() == "":
		return told("Check both. Some providers want a separate password for mail programs, or POP3 switched on in their settings.")
	case p.NoPOP3 != "":
		return string(p.NoPOP3)
	}
	return p.Name + ": " + p.Hint()
}

func explainTLS(t *Trouble, e *pop3client.TLSError, s store.Settings) *Trouble {
	t.Kind = Certificate
	switch e.Reason {
	case pop3client.TLSUnknownAuthority:
		t.What = told("The certificate of %s is not signed by an authority that this machine knows.", s.Host)
	case pop3client.TLSName:
		t.What = told("The certificate that %s shows is for another name.", s.Host)
		t.Advice = told("Use the server name that your provider gives for POP3.")
		if e.Certificate != nil && len(e.Certificate.DNSNames) > 0 {
			t.Advice = told("It is for %s; use the server name that your provider gives for POP3.", strings.Join(certificateNames(e.Certificate), ", "))
		}
	case pop3client.TLSExpired:
		t.What = told("The certificate of %s has expired.", s.Host)
		if e.Certificate != nil {
			t.What = told("The certificate of %s expired on %s.", s.Host, day(e.Certificate.NotAfter))
		}
		t.Advice = told("Tell the provider, and check this machine's clock.")
	case pop3client.TLSNotYetValid:
		t.What = told("The certificate of %s is not valid yet.", s.Host)
		t.Advice = told("Check this machine's clock.")
	case pop3client.TLSPinChanged:
		t.Kind = Changed
		t.What = told("%s shows another certificate than the one you trusted.", s.Host)
	case pop3client.TLSNotTLS:
		t.Kind = NoTLS
		t.What = told("%s does not speak TLS.", address(s))
		t.Advice = told("Check security and port: 995 is usual with TLS, 110 with STARTTLS.")
	default:
		if e.Certificate != nil {
			t.What = told("The certificate of %s cannot be accepted: %v.", s.Host, certificateWords(e.Err.Error()))
			break
		}
		t.Kind = NoTLS
		t.What = told("No TLS connection with %s: %v.", address(s), connectionCause(e.Err))
		t.Advice = told("Check security and port: 995 is usual with TLS, 110 with STARTTLS.")
	}
	if e.Certificate != nil {
		t.Advice = strings.TrimSpace(t.Advice + " " + trustAdvice(e.Certificate, s))
	}
	return t
}

func explainProtocol(t *Trouble, e *pop3client.ProtocolError, s store.Settings) *Trouble {
	t.Kind = NotPOP3
	if e.Command == "greeting" {
		t.What = told("What answers at %s is not a POP3 server.", address(s))
		t.Advice = told("Check server and port: 995 is usual with TLS, 110 with STARTTLS or none.")
		return t
	}
	t.What = told("%s does not keep to POP3: %s, in answer to %s.", address(s), e.Text, e.Command)
	return t
}

func isConnection(err error) bool {
	var conn *pop3client.ConnError
	var op *net.OpError
	return errors.As(err, &conn) || errors.As(err, &op) || errors.Is(err, pop3client.ErrBroken)
}

// explainSilence finds the words for a server that keeps people waiting.
func explainSilence(t *Trouble, e *pop3client.TimeoutError, s store.Settings) *Trouble {
	t.Kind = Slow
	t.What = told("%s did not answer in time.", address(s))
	t.Advice = told("Check server and port; a firewall may be in the way.")
	if e.Command == "greeting" && s.Security != store.TLS {
		// A server that waits for TLS says nothing first.
		t.What = told("%s accepts connections and says nothing.", address(s))
		t.Advice = told("Perhaps it expects TLS from the first: choose TLS as security. It is usual at port 995.")
	}
	return t
}

// connectionCause is the innermost reason, in words: the rest says what the sentence
// around it says already.
func connectionCause(err error) error {
	var conn *pop3client.ConnError
	if errors.As(err, &conn) {
		err = conn.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return errors.New(told("the server closed the connection"))
	}
	return err
}
