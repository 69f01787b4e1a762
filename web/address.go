package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// publicAddress is where people reach the portal, as far as it was configured.
type publicAddress struct {
	scheme string // "" when not configured
	host   string // lower case, with its port unless that is the scheme's own; "" when not configured
	path   string // "" at the root of the host, else "/mail"
}

// parseBaseURL reads a base URL such as "https://example.com/mail". The empty one is the zero address.
func parseBaseURL(s string) (publicAddress, error) {
	if s == "" {
		return publicAddress{}, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return publicAddress{}, fmt.Errorf("base URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return publicAddress{}, fmt.Errorf("base URL %q: want http or https, a host, and nothing after the path", s)
	}
	path := strings.TrimRight(u.Path, "/")
	if strings.Contains(path, "//") || strings.ContainsAny(path, "\\;,\"' ") {
		return publicAddress{}, fmt.Errorf("base URL %q: the path is not usable", s)
	}
	return publicAddress{u.Scheme, bareHost(u.Scheme, u.Host), path}, nil
}

// bareHost is a host and port in one form: lower case, without the scheme's own port.
func bareHost(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}

// origin is the origin of the portal's pages, "" when not configured.
func (a publicAddress) origin() string {
	if a.host == "" {
		return ""
	}
	return a.scheme + "://" + a.host
}

// seenFrom is the origin that a browser reached the portal at, "" when its Host names none.
func (a publicAddress) seenFrom(r *http.Request) string {
	if a.host != "" {
		return a.origin()
	}
	if r.Host == "" || strings.Trim(r.Host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]") != "" {
		return ""
	}
	if a.secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// fits tells whether a request was meant for this address. Any is, when none was configured.
func (a publicAddress) fits(r *http.Request) bool {
	return a.host == "" || bareHost(a.scheme, r.Host) == a.host
}

// secure tells whether the browser speaks TLS, to us or to the proxy before us.
func (a publicAddress) secure(r *http.Request) bool {
	return a.scheme == "https" || a.scheme == "" && r.TLS != nil
}

// localPath returns path if it leads within the portal, else fallback: it begins with exactly one slash, and no
// browser can read a host into it.
func localPath(path, fallback string) string {
	if len(path) > 8<<10 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsRune(path, '\\') {
		return fallback
	}
	if strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return fallback
	}
	if u, err := url.Parse(path); err != nil || u.Host != "" || u.Scheme != "" {
		return fallback
	}
	return path
}

// clientAddress is who asks. Behind trusted proxies it is the nearest address in X-Forwarded-For that is not one of
// them; without any, nobody's word is taken for it.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	addr = addr.Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusts(trusted, addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr
}

func trusts(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// network is the part of an address that one person commands: all of an IPv4 address, the first half of an IPv6 one.
// It is "" for this machine itself: behind a proxy that is not configured, that would be everyone.
func network(addr netip.Addr) string {
	if !addr.IsValid() || addr.IsLoopback() {
		return ""
	}
	if addr.Is6() {
		if p, err := addr.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// addressText is where a request comes from, for people; "" when that is not known.
func (s *Server) addressText(r *http.Request) string {
	if addr := clientAddress(r, s.trusted); addr.IsValid() {
		return addr.String()
	}
	return ""
}

// referrerPolicy is what the portal's pages tell of themselves: nothing, as far as that can be. To a name without TLS
// browsers send no Sec-Fetch-Site, and with "no-referrer" the Origin of a form is "null": nothing would tell the
// portal's own forms from a stranger's. There the portal, and only it, is told.
func (a publicAddress) referrerPolicy(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, _ := netip.ParseAddr(strings.Trim(host, "[]"))
	if a.secure(r) || ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return "no-referrer"
	}
	return "same-origin"
}
