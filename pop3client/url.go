package pop3client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// URL is a POP URL (RFC 2384) with the schemes that people use for the ways to
// protect a connection:
//
//	pop3s://alice@example.com           TLS, port 995
//	pop3://alice@example.com            STLS required, port 110
//	pop3+insecure://alice@example.com   clear text, port 110
//
// RFC 2384's own scheme, pop, is read as pop3. User names are percent-encoded:
// a mail address as user name is alice%40example.com, though a bare @ is read
// too. There is no password in such a URL.
type URL struct {
	Security Security
	User     string // "" if none is given
	Auth     string // mechanism, in capitals: "APOP", or a SASL name; "" for any
	Host     string // name or address, an IPv6 address without brackets
	Port     int    // 0 for the registered one
}

var schemes = map[string]Security{"pop3s": TLS, "pop3": STARTTLS, "pop": STARTTLS, "pop3+insecure": None}

// ErrURL is wrapped by the errors of ParseURL, which say what is wrong but do
// not repeat the URL.
var ErrURL = errors.New("pop3: not a POP URL")

func urlError(what string) error { return fmt.Errorf("%w: %s", ErrURL, what) }

// ParseURL reads a POP URL.
func ParseURL(s string) (*URL, error) {
	scheme, rest, found := strings.Cut(s, "://")
	security, known := schemes[strings.ToLower(scheme)]
	if !found || !known {
		return nil, urlError("it must begin with pop3s://, pop3:// or pop3+insecure://")
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "/?#\\ \t\r\n\x00") {
		return nil, urlError("nothing may follow the host and its port")
	}
	u := &URL{Security: security}
	userinfo := ""
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		userinfo, rest = rest[:i], rest[i+1:]
		if userinfo == "" {
			return nil, urlError("the user name is empty")
		}
	}
	if err := u.parseUser(userinfo); err != nil {
		return nil, err
	}
	if err := u.parseHost(rest); err != nil {
		return nil, err
	}
	return u, nil
}

// parseUser reads user and mechanism: "alice;AUTH=PLAIN".
func (u *URL) parseUser(userinfo string) error {
	user, params, _ := strings.Cut(userinfo, ";")
	if strings.Contains(userinfo, ":") {
		return urlError("it holds a password, or a colon that must be written %3A")
	}
	var err error
	if u.User, err = url.PathUnescape(user); err != nil || !sendable(u.User) {
		return urlError("the user name is not percent-encoded properly")
	}
	if params == "" {
		return nil
	}
	if len(params) < 5 || !strings.EqualFold(params[:5], "AUTH=") {
		return urlError("only ;AUTH= may follow the user name")
	}
	auth, err := url.PathUnescape(params[5:])
	if err != nil {
		return urlError("the mechanism is not percent-encoded properly")
	}
	u.Auth = strings.TrimPrefix(strings.ToUpper(auth), "+") // "+APOP" in RFC 2384
	if u.Auth == "*" {
		u.Auth = ""
	} else if !mechanismName(u.Auth) {
		return urlError("the mechanism has no proper name")
	}
	return nil
}

// parseHost reads host and port: "example.com:995", "[::1]".
func (u *URL) parseHost(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, ""
		if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
			host = strings.TrimSuffix(inner, "]")
		}
	}
	if addr, err := netip.ParseAddr(host); strings.HasPrefix(s, "[") {
		if err != nil || !addr.Is6() {
			return urlError("what stands in brackets is no IPv6 address")
		}
	} else if host == "" || strings.ContainsAny(host, "[]%;@:") {
		return urlError("the host has no proper name")
	}
	u.Host = host
	if port == "" {
		return nil
	}
	if u.Port, err = strconv.Atoi(port); err != nil || u.Port < 1 || u.Port > 65535 || port[0] == '+' {
		return urlError("the port is a number from 1 to 65535")
	}
	return nil
}

// String gives the URL, with what ParseURL would take for granted left out.
func (u *URL) String() string {
	var b strings.Builder
	for _, scheme := range []string{"pop3s", "pop3", "pop3+insecure"} {
		if schemes[scheme] == u.Security {
			b.WriteString(scheme + "://")
		}
	}
	b.WriteString(escape(u.User))
	switch {
	case u.Auth == "APOP":
		b.WriteString(";AUTH=+APOP")
	case u.Auth != "":
		b.WriteString(";AUTH=" + u.Auth)
	}
	if u.User != "" || u.Auth != "" {
		b.WriteByte('@')
	}
	switch {
	case u.Port != 0 && strconv.Itoa(u.Port) != u.Security.Port():
		b.WriteString(net.JoinHostPort(u.Host, strconv.Itoa(u.Port)))
	case strings.Contains(u.Host, ":"):
		b.WriteString("[" + u.Host + "]")
	default:
		b.WriteString(u.Host)
	}
	return b.String()
}

// Addr gives "host:port" for Dial.
func (u *URL) Addr() string {
	if u.Port == 0 {
		return net.JoinHostPort(u.Host, u.Security.Port())
	}
	return net.JoinHostPort(u.Host, strconv.Itoa(u.Port))
}

// Options gives new options that do what the URL says: its security, and its
// mechanism. For pop3+insecure without a mechanism that is any of
// ClearTextMechanisms, because whoever wrote the scheme has asked for it.
func (u *URL) Options() *Options {
	opt := &Options{Security: u.Security}
	switch {
	case u.Auth != "":
		opt.Mechanisms = []string{u.Auth}
	case u.Security == None:
		opt.Mechanisms = ClearTextMechanisms()
	}
	return opt
}

// escape percent-encodes all but the unreserved characters of RFC 3986.
func escape(s string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(unreserved, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
