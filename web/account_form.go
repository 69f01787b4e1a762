package web

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// What a new account begins with.
const (
	defaultInterval  = 10 // minutes
	defaultReadAfter = 7  // days
	defaultDays      = 30 // until mail leaves the server, when that is chosen
)

// Bounds of what is typed.
const (
	maxAccountText = 254
	maxInterval    = 24 * 60 // minutes
	maxMegabytes   = 100_000
	maxDays        = 3650
)

// accountForm is what somebody typed about an account.
type accountForm struct {
	email, name, host, port, security, username, policy, days, readAfter, interval, maxSize string
	pin                                                                                     string // "FINGERPRINT HOST:PORT" of a certificate that is to be trusted
	adaptive                                                                                bool
	password                                                                                seal.Secret
	draft                                                                                   string // names a password that was kept
	found                                                                                   bool   // the server was not typed, but found by the address
}

var securities = map[string]store.Security{
	templates.SecurityTLS: store.TLS, templates.SecuritySTARTTLS: store.STARTTLS, templates.SecurityNone: store.Plain,
}

var policies = map[string]store.Policy{
	templates.PolicyOnDelete: store.DeleteOnDelete, templates.PolicyKeep: store.Keep,
	templates.PolicyDays: store.DeleteAfterDays, templates.PolicyAfterDownload: store.DeleteAfterDownload,
}

func readAccountForm(r *http.Request) accountForm {
	return accountForm{
		email: field(r, "email"), name: field(r, "name"), host: field(r, "host"), port: field(r, "port"),
		security: field(r, "security"), username: field(r, "username"), policy: field(r, "policy"), days: field(r, "days"),
		readAfter: field(r, "read_after_days"), interval: field(r, "interval_minutes"),
		adaptive: field(r, "adaptive") == "1", maxSize: field(r, "max_size_mb"), pin: field(r, "pin"), draft: field(r, "draft"),
		password: seal.NewSecret(r.PostForm.Get("password")),
	}
}

// blankAccountForm is the form before anything is typed.
func blankAccountForm() accountForm {
	return accountForm{
		security: templates.SecurityTLS, port: "995", policy: templates.PolicyOnDelete, days: strconv.Itoa(defaultDays),
		readAfter: strconv.Itoa(defaultReadAfter), interval: strconv.Itoa(defaultInterval),
	}
}

// accountFormOf is the form with an account's settings, but for its password, which never leaves the server.
func accountFormOf(a store.Account) accountForm {
	f := accountForm{
		email: a.Email, name: a.Name, host: a.Host, port: strconv.Itoa(a.Port), username: a.Username,
		days: strconv.Itoa(defaultDays), readAfter: strconv.Itoa(a.ReadAfterDays), interval: strconv.Itoa(int(a.Interval.Minutes())),
		adaptive: a.Adaptive, maxSize: megabytesText(a.MaxSize),
	}
	if a.PolicyDays > 0 {
		f.days = strconv.Itoa(a.PolicyDays)
	}
	for name, v := range securities {
		if v == a.Security {
			f.security = name
		}
	}
	for name, v := range policies {
		if v == a.Policy {
			f.policy = name
		}
	}
	return f
}

// settings checks what was typed. before is the account as it is, nil for a new one; others are the user's accounts.
func (f accountForm) settings(before *store.Account, others []store.Account) (store.Settings, fieldErrors) {
	errs := fieldErrors{}
	v := store.Settings{}
	if before != nil {
		v = before.Settings
	}
	v.Email = f.checkEmail(errs)
	v.Name = errs.text("name", f.name, v.Email, "That is too long for an account name.")
	v.Username = errs.text("username", f.username, v.Email, "That is too long for a user name.")
	v.Host = f.checkHost(errs)
	f.checkConnection(&v, errs)
	f.checkPin(before, &v, errs)
	f.checkRules(&v, errs)
	f.checkPassword(before, v, errs)
	if o := ofMailbox(others, v, before); o != nil {
		errs.add("email", mailboxHere, oneLine(o.Name)) // the first field, which is seen: another password does not help
	}
	return v, errs
}

// mailboxHere is said of a second account of one mailbox.
const mailboxHere = "This mailbox is here already, as “%s”: to change its password, open it under Accounts."

// ofMailbox finds the account, other than before, of the mailbox that v is of; nil: there is none. Servers have the same
// mail at each of their ports.
func ofMailbox(accounts []store.Account, v store.Settings, before *store.Account) *store.Account {
	for i := range accounts {
		a := &accounts[i]
		if strings.EqualFold(a.Host, v.Host) && a.Username == v.Username && v.Host != "" && !a.Removed && (before == nil || a.ID != before.ID) {
			return a
		}
	}
	return nil
}

// text checks a line of text; an empty one is fallback.
func (e fieldErrors) text(name, value, fallback string, tooLong i18n.Key) string {
	switch {
	case value == "":
		return fallback
	case len(value) > maxAccountText:
		e.add(name, tooLong)
	case hasControl(value) || !utf8.ValidString(value):
		e.add(name, "There are control characters in it, such as a line break.")
	}
	return value
}

func (f accountForm) checkEmail(errs fieldErrors) string {
	at := strings.LastIndexByte(f.email, '@')
	switch {
	case f.email == "":
		errs.add("email", "Type the e-mail address of this mailbox.")
	case at <= 0 || at == len(f.email)-1 || strings.ContainsAny(f.email, " \t<>,;"):
		errs.add("email", "This is not an e-mail address, like ann@example.com.")
	}
	return errs.text("email", f.email, "", "That is too long for an e-mail address.")
}

func (f accountForm) checkHost(errs fieldErrors) string {
	host := strings.TrimSuffix(f.host, ".")
	if bare, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(bare, "]")
	}
	_, notAddress := netip.ParseAddr(host)
	switch {
	case host == "":
		errs.add("host", "Type the name of the POP3 server, like pop.example.com.")
	case strings.Contains(host, "://"):
		errs.add("host", "Type only the server's name, without %s", host[:strings.Index(host, "://")+3])
	case strings.Contains(host, "@"):
		errs.add("host", "This is an e-mail address; the server's name is wanted, like pop.example.com.")
	case notAddress == nil:
	case strings.Contains(host, ":"):
		errs.add("host", "Type the port into its own field.")
	case strings.ContainsFunc(host, notInHost) || hasControl(host) || strings.Contains(host, ".."):
		errs.add("host", "This is not the name of a server, like pop.example.com.")
	}
	return errs.text("host", strings.ToLower(host), "", "That is too long for a server's name.")
}

// notInHost tells which characters no host name holds; those of other scripts do occur.
func notInHost(r rune) bool {
	return r < 0x80 && r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') ||
		r >= 0x80 && misleads(r)
}

func (f accountForm) checkConnection(v *store.Settings, errs fieldErrors) {
	var ok bool
	if v.Security, ok = securities[f.security]; !ok {
		v.Security = store.TLS
		if f.security != "" {
			errs.add("security", "Choose TLS, STARTTLS or None.")
		}
	}
	usual := 110
	if v.Security == store.TLS {
		usual = 995
	}
	v.Port = errs.wholeNumber("port", f.port, 1, 65535, usual, "A port is a number from 1 to 65535; with TLS it is most often 995, else 110.")
}

func (f accountForm) checkRules(v *store.Settings, errs fieldErrors) {
	var ok bool
	if v.Policy, ok = policies[f.policy]; !ok {
		v.Policy = store.DeleteOnDelete
		if f.policy != "" {
			errs.add("policy", "Choose what happens on the server.")
		}
	}
	v.PolicyDays = 0
	if v.Policy == store.DeleteAfterDays {
		v.PolicyDays = errs.wholeNumber("days", f.days, 1, maxDays, defaultDays, "Type a number of days from 1 to 3650.")
	}
	v.ReadAfterDays = errs.wholeNumber("read_after_days", f.readAfter, 0, maxDays, defaultReadAfter, "Type a number of days from 0 to 3650; with 0 all mail arrives as unread.")
	minutes := errs.wholeNumber("interval_minutes", f.interval, 0, maxInterval, defaultInterval, "Type a number of minutes from 1 to 1440, which is a day, or 0 to check only when asked.")
	v.Interval = time.Duration(minutes) * time.Minute
	v.Adaptive = f.adaptive && minutes > 0
	if f.maxSize == megabytesText(v.MaxSize) {
		return // as it is: the command line knows smaller units
	}
	megabytes := errs.wholeNumber("max_size_mb", f.maxSize, 0, maxMegabytes, 0, "Type a number of megabytes, or nothing to fetch mail of every size.")
	v.MaxSize = int64(megabytes) * 1e6
}

// megabytesText is a limit as the form has it, rounded up; "" for none.
func megabytesText(octets int64) string {
	if octets <= 0 {
		return ""
	}
	return strconv.FormatInt((octets+1e6-1)/1e6, 10)
}

// checkPassword: whoever points an account at another server must know its password, or a stolen session could send
// the stored one there.
func (f accountForm) checkPassword(before *store.Account, v store.Settings, errs fieldErrors) {
	password := f.password.Reveal()
	switch {
	case strings.ContainsAny(password, "\r\n\x00"):
		errs.add("password", "A password cannot hold line breaks.")
	case len(password) > seal.MaxPassword:
		errs.add("password", "That is too long for a password.")
	case password != "":
	case before == nil || !before.HasPassword:
		errs.add("password", "Type the password of this mailbox.")
	case before.Host != v.Host || before.Port != v.Port || before.Security != v.Security:
		errs.add("password", "Server, port or security have changed: type the password again.")
	case before.Pin != v.Pin && !v.Pin.IsZero():
		errs.add("password", "To trust a certificate, type the password again.")
	}
}

// fields repeats the form, but for the password, where it is asked once more whether to save it.
func (f accountForm) fields() []templates.Field {
	return []templates.Field{
		{Name: "email", Value: f.email}, {Name: "name", Value: f.name}, {Name: "host", Value: f.host}, {Name: "port", Value: f.port},
		{Name: "security", Value: f.security}, {Name: "username", Value: f.username}, {Name: "policy", Value: f.policy}, {Name: "days", Value: f.days},
		{Name: "read_after_days", Value: f.readAfter}, {Name: "interval_minutes", Value: f.interval},
		{Name: "adaptive", Value: map[bool]string{true: "1"}[f.adaptive]}, {Name: "max_size_mb", Value: f.maxSize},
	}
}

// page is the form as it is shown; passwords are never sent back.
func (f accountForm) page(ctx context.Context, before *store.Account) templates.AccountFormPage {
	p := templates.AccountFormPage{
		Heading: i18n.T(ctx, "Add an account"), Action: "/accounts", TestURL: "/accounts/test", CancelURL: "/accounts",
		Email: f.email, Name: f.name, Host: f.host, Port: f.port, Security: f.security, Username: f.username,
		Policy: f.policy, Days: f.days, ReadAfterDays: f.readAfter, IntervalMinutes: f.interval,
		Adaptive: f.adaptive, MaxMegabytes: f.maxSize,
	}
	if before != nil {
		p.ID, p.Heading = formatID(before.ID), i18n.T(ctx, "Edit %s", before.Name)
		p.Action, p.CancelURL = accountURL(before.ID, ""), accountURL(before.ID, "")
	}
	return p
}
