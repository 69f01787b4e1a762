package autoconfig

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Bounds of what a domain may answer.
const (
	maxFile      = 64 << 10 // octets of an autoconfig file
	maxRedirects = 3
)

// byAutoconfig asks for the file at both of its usual places, at the same time, and prefers the first.
// The convention: https://wiki.mozilla.org/Thunderbird:Autoconfiguration
func (f *Finder) byAutoconfig(ctx context.Context, a address) finding {
	places := []string{
		"https://autoconfig." + a.domain + "/mail/config-v1.1.xml?emailaddress=" + url.QueryEscape(a.whole),
		"https://" + a.domain + "/.well-known/autoconfig/mail/config-v1.1.xml",
	}
	answers := make([]chan finding, len(places))
	for i, place := range places {
		answers[i] = make(chan finding, 1)
		go func() { answers[i] <- f.fetch(ctx, place, a) }()
	}
	var best finding
	for _, answer := range answers { // all are waited for: nothing runs on after Find
		if got := <-answer; !best.ok {
			best = got
		}
	}
	return best
}

// fetch reads the file at one place.
func (f *Finder) fetch(ctx context.Context, place string, a address) finding {
	client := *f.Client
	client.CheckRedirect = onlyHTTPS
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return finding{}
	}
	resp, err := client.Do(req)
	if err != nil {
		return finding{}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return finding{}
	}
	s, err := readFile(resp.Body, a)
	if err != nil {
		return finding{}
	}
	return finding{ok: true, found: Found{Settings: s, Source: Autoconfig, Provider: ByHost(s.Host)}}
}

// onlyHTTPS lets nobody lead a search to an unprotected place: the certificate is what vouches for the file.
func onlyHTTPS(req *http.Request, via []*http.Request) error {
	switch {
	case req.URL.Scheme != "https":
		return errors.New("redirected away from HTTPS")
	case len(via) > maxRedirects:
		return errors.New("too many redirects")
	}
	return nil
}

// clientConfig is as much of a config-v1.1.xml as POP3 needs.
type clientConfig struct {
	Servers []struct {
		Type           string   `xml:"type,attr"`
		Host           string   `xml:"hostname"`
		Port           string   `xml:"port"`
		SocketType     string   `xml:"socketType"`
		Username       string   `xml:"username"`
		Authentication []string `xml:"authentication"`
	} `xml:"emailProvider>incomingServer"`
}

// readFile takes the first POP3 server that is encrypted and lets a password in.
func readFile(r io.Reader, a address) (Settings, error) {
	limited := &io.LimitedReader{R: r, N: maxFile + 1}
	d := xml.NewDecoder(limited)
	d.Strict = false // those in use are written by hand
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var c clientConfig
	if err := d.Decode(&c); err != nil {
		return Settings{}, fmt.Errorf("read autoconfig file: %w", err)
	}
	if limited.N <= 0 {
		return Settings{}, errors.New("the autoconfig file is too long")
	}
	fill := strings.NewReplacer("%EMAILADDRESS%", a.whole, "%EMAILLOCALPART%", a.local, "%EMAILDOMAIN%", a.domain)
	for _, s := range c.Servers {
		if !strings.EqualFold(s.Type, "pop3") || !takesPassword(s.Authentication) {
			continue
		}
		host := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(fill.Replace(s.Host)), "."))
		port, err := strconv.ParseUint(strings.TrimSpace(s.Port), 10, 16)
		security, encrypted := socketTypes[strings.ToUpper(strings.TrimSpace(s.SocketType))]
		user := strings.TrimSpace(fill.Replace(s.Username))
		if user == "" {
			user = a.whole
		}
		if err != nil || port == 0 || !encrypted || !isHost(host) || hasControl(user) {
			continue
		}
		return Settings{Host: host, Port: int(port), Security: security, Username: user}, nil
	}
	return Settings{}, ErrNotFound
}

var socketTypes = map[string]Security{"SSL": TLS, "TLS": TLS, "STARTTLS": STARTTLS}

// takesPassword tells whether one of the ways to log in needs no more than a password; a file that names none leaves
// it open.
func takesPassword(ways []string) bool {
	named := false
	for _, way := range ways {
		switch strings.ToLower(strings.TrimSpace(way)) {
		case "password-cleartext", "password-encrypted", "plain", "secure":
			return true
		case "":
		default:
			named = true
		}
	}
	return !named
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) || len(s) > 254
}
