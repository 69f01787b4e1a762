package autoconfig

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone is a fake DNS: records by "pop3s example.org", "mx example.org".
type zone struct {
	srv  map[string][]*net.SRV
	mx   map[string][]string
	slow bool // never answers
}

func (z *zone) LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if z.slow {
		<-ctx.Done()
		return "", nil, ctx.Err()
	}
	records := z.srv[service+" "+name]
	if proto != "tcp" || len(records) == 0 {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return "", records, nil
}

func (z *zone) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	if z.slow {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var records []*net.MX
	for i, host := range z.mx[name] {
		records = append(records, &net.MX{Host: host + ".", Pref: uint16(i)})
	}
	return records, nil
}

// site is a server for every HTTPS host; its answers are by "host/path".
type site struct {
	answers map[string]func(http.ResponseWriter, *http.Request)
	client  *http.Client
}

func newSite(t *testing.T) *site {
	s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := s.answers[r.Host+r.URL.Path]; answer != nil {
			answer(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, server.Listener.Addr().String())
		},
		TLSClientConfig: &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"},
	}
	t.Cleanup(transport.CloseIdleConnections)
	s.client = &http.Client{Transport: transport}
	return s
}

func (s *site) says(place, body string) {
	s.answers[place] = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

// file is an autoconfig file with one POP3 server.
func file(host, port, socket, user, auth string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><clientConfig version="1.1"><emailProvider id="x"><domain>x</domain>
		<incomingServer type="imap"><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
		<incomingServer type="pop3"><hostname>` + host + `</hostname><port>` + port + `</port><socketType>` + socket + `</socketType>
		<username>` + user + `</username><authentication>` + auth + `</authentication></incomingServer></emailProvider></clientConfig>`
}

const atOwn = "autoconfig.example.org/mail/config-v1.1.xml"
const wellKnown = "example.org/.well-known/autoconfig/mail/config-v1.1.xml"

func srv(target string, port, priority uint16) *net.SRV {
	return &net.SRV{Target: target, Port: port, Priority: priority}
}

func TestFind(t *testing.T) {
	type records = map[string][]*net.SRV
	plainFile := file("pop.example.org", "995", "SSL", "%EMAILLOCALPART%", "password-cleartext")
	for _, c := range []struct {
		name    string
		address string
		srv     records
		mx      []string
		files   map[string]string
		want    Found
		fails   error
		says    string
	}{
		{name: "table", address: "ann@gmail.com", want: Found{Settings: Settings{"pop.gmail.com", 995, TLS, "ann@gmail.com"}, Source: Table, Provider: ByDomain("gmail.com")}},
		{name: "table in capitals", address: "Ann@WEB.DE", want: Found{Settings: Settings{"pop3.web.de", 995, TLS, "Ann"}, Source: Table, Provider: ByDomain("web.de")}},
		{name: "table in Chinese", address: "li@qq.com", want: Found{Settings: Settings{"pop.qq.com", 995, TLS, "li@qq.com"}, Source: Table, Provider: ByDomain("qq.com")}},
		{name: "no POP3 at a provider", address: "ann@icloud.com", says: "IMAP, and no POP3"},
		{name: "OAuth alone", address: "ann@hotmail.com", says: "OAuth only"},
		{name: "SRV", address: "ann@example.org", srv: records{"pop3s example.org": {srv("Mail.Example.Org.", 9950, 0)}},
			want: Found{Settings: Settings{"mail.example.org", 9950, TLS, "ann@example.org"}, Source: SRV}},
		{name: "SRV with STARTTLS", address: "ann@example.org", srv: records{"pop3 example.org": {srv("mail.example.org.", 110, 0)}},
			want: Found{Settings: Settings{"mail.example.org", 110, STARTTLS, "ann@example.org"}, Source: SRV}},
		{name: "SRV of both kinds", address: "ann@example.org", srv: records{"pop3 example.org": {srv("a.example.org.", 110, 10)}, "pop3s example.org": {srv("b.example.org.", 995, 10)}},
			want: Found{Settings: Settings{"b.example.org", 995, TLS, "ann@example.org"}, Source: SRV}},
		{name: "SRV with a preference", address: "ann@example.org", srv: records{"pop3 example.org": {srv("a.example.org.", 110, 1)}, "pop3s example.org": {srv("b.example.org.", 995, 10)}},
			want: Found{Settings: Settings{"a.example.org", 110, STARTTLS, "ann@example.org"}, Source: SRV}},
		{name: "SRV that leads away", address: "ann@example.org", srv: records{"pop3s example.org": {srv("pop.elsewhere.net.", 995, 0)}},
			want: Found{Settings: Settings{"pop.elsewhere.net", 995, TLS, "ann@example.org"}, Source: SRV, Confirm: true}},
		{name: "SRV that leads to a known provider", address: "ann@example.org", srv: records{"pop3s example.org": {srv("pop.fastmail.com.", 995, 0)}},
			want: Found{Settings: Settings{"pop.fastmail.com", 995, TLS, "ann@example.org"}, Source: SRV, Provider: ByHost("pop.fastmail.com")}},
		{name: "SRV without the service", address: "ann@example.org", srv: records{"pop3s example.org": {srv(".", 0, 0)}, "pop3 example.org": {srv(".", 0, 0)}}, says: "it offers no POP3"},
		{name: "SRV before the file", address: "ann@example.org", srv: records{"pop3s example.org": {srv("srv.example.org.", 995, 0)}}, files: map[string]string{atOwn: plainFile},
			want: Found{Settings: Settings{"srv.example.org", 995, TLS, "ann@example.org"}, Source: SRV}},
		{name: "broken SRV, then the file", address: "ann@example.org", srv: records{"pop3s example.org": {srv("192.0.2.1.", 995, 0), srv("bad host.", 995, 0), srv("ok.example.org.", 0, 0)}}, files: map[string]string{atOwn: plainFile},
			want: Found{Settings: Settings{"pop.example.org", 995, TLS, "ann"}, Source: Autoconfig}},
		{name: "file of the domain itself", address: "ann@example.org", files: map[string]string{wellKnown: plainFile},
			want: Found{Settings: Settings{"pop.example.org", 995, TLS, "ann"}, Source: Autoconfig}},
		{name: "the first of two files", address: "ann@example.org", files: map[string]string{atOwn: file("one.example.org", "110", "STARTTLS", "%EMAILADDRESS%", ""), wellKnown: plainFile},
			want: Found{Settings: Settings{"one.example.org", 110, STARTTLS, "ann@example.org"}, Source: Autoconfig}},
		{name: "a broken file and a good one", address: "ann@example.org", files: map[string]string{atOwn: "<html>Welcome", wellKnown: plainFile},
			want: Found{Settings: Settings{"pop.example.org", 995, TLS, "ann"}, Source: Autoconfig}},
		{name: "file before exchanger", address: "ann@example.org", files: map[string]string{atOwn: plainFile}, mx: []string{"in1-smtp.messagingengine.com"},
			want: Found{Settings: Settings{"pop.example.org", 995, TLS, "ann"}, Source: Autoconfig}},
		{name: "exchanger", address: "ann@example.org", mx: []string{"aspmx.l.google.com"},
			want: Found{Settings: Settings{"pop.gmail.com", 995, TLS, "ann@example.org"}, Source: Exchanger, Provider: ByDomain("gmail.com")}},
		{name: "Chinese exchanger", address: "li@example.org", mx: []string{"mxbiz1.qq.com"},
			want: Found{Settings: Settings{"pop.exmail.qq.com", 995, TLS, "li@example.org"}, Source: Exchanger, Provider: ByHost("pop.exmail.qq.com")}},
		{name: "exchanger without POP3", address: "ann@example.org", mx: []string{"example-org.mail.protection.outlook.com"}, says: "OAuth only"},
		{name: "exchanger that only ends alike", address: "ann@example.org", mx: []string{"mx.notgoogle.com"}, fails: ErrNotFound},
		{name: "nothing", address: "ann@example.org", fails: ErrNotFound},
		{name: "a domain in another script", address: "li@例子.example.org", srv: records{"pop3s xn--fsqu00a.example.org": {srv("pop.xn--fsqu00a.example.org.", 995, 0)}},
			want: Found{Settings: Settings{"pop.xn--fsqu00a.example.org", 995, TLS, "li@例子.example.org"}, Source: SRV}},
		{name: "no address", address: "ann", fails: ErrAddress},
		{name: "no domain", address: "ann@", fails: ErrAddress},
		{name: "an IP address", address: "ann@[192.0.2.1]", fails: ErrAddress},
		{name: "an IP address without brackets", address: "ann@192.0.2.1", fails: ErrAddress},
		{name: "one label", address: "ann@localhost", fails: ErrAddress},
		{name: "a line end", address: "ann\r\n@example.org", fails: ErrAddress},
		{name: "a path", address: "ann@example.org/../x", fails: ErrAddress},
		{name: "a port", address: "ann@example.org:8080", fails: ErrAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			for place, body := range c.files {
				s.says(place, body)
			}
			f := &Finder{Resolver: &zone{srv: c.srv, mx: map[string][]string{"example.org": c.mx}}, Client: s.client}
			got, err := f.Find(t.Context(), c.address)
			switch {
			case c.says != "":
				var none *NoPOP3Error
				if !errors.As(err, &none) || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("error %v, want one that says %q", err, c.says)
				}
			case !errors.Is(err, c.fails):
				t.Fatalf("error %v, want %v", err, c.fails)
			}
			if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b *Provider) bool { return a == b })); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOnlyHTTPS: a redirect to an unprotected place, and one that never ends, are not followed.
func TestOnlyHTTPS(t *testing.T) {
	s := newSite(t)
	good := file("pop.example.org", "995", "SSL", "%EMAILADDRESS%", "")
	s.says("elsewhere.example/config.xml", good)
	leads := func(to string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	f := &Finder{Resolver: &zone{}, Client: s.client}
	s.answers[atOwn] = leads("https://elsewhere.example/config.xml")
	if got, err := f.Find(t.Context(), "ann@example.org"); err != nil || got.Host != "pop.example.org" {
		t.Errorf("by a redirect: %+v, %v", got, err)
	}
	for _, to := range []string{"http://elsewhere.example/config.xml", "https://" + atOwn, "ftp://elsewhere.example/config.xml"} {
		s.answers[atOwn] = leads(to)
		if got, err := f.Find(t.Context(), "ann@example.org"); !errors.Is(err, ErrNotFound) {
			t.Errorf("redirect to %s: %+v, %v", to, got, err)
		}
	}
}

// TestAddressIsSentToItsOwnDomainAlone: the well-known place, which needs none, is not told the address.
func TestAddressIsSentToItsOwnDomainAlone(t *testing.T) {
	s := newSite(t)
	queries := make(chan string, 2)
	for _, place := range []string{atOwn, wellKnown} {
		s.answers[place] = func(w http.ResponseWriter, r *http.Request) {
			queries <- r.Host + " " + r.URL.RawQuery
			http.NotFound(w, r)
		}
	}
	f := &Finder{Resolver: &zone{}, Client: s.client}
	if _, err := f.Find(t.Context(), "ann+x@example.org"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	got := []string{<-queries, <-queries}
	want := []string{"autoconfig.example.org emailaddress=ann%2Bx%40example.org", "example.org "}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Error(diff)
	}
}

// TestFindEnds: sources that never answer hold up nothing, and nothing of a search is left running.
func TestFindEnds(t *testing.T) {
	s := newSite(t)
	s.answers[atOwn] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	f := &Finder{Resolver: &zone{slow: true}, Client: s.client}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Find(ctx, "ann@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("time is up: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := f.Find(ctx, "ann@example.org"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestReadFile(t *testing.T) {
	a, err := parseAddress("ann.lee@example.org")
	if err != nil {
		t.Fatal(err)
	}
	pop := func(server string) string {
		return "<clientConfig><emailProvider>" + server + "</emailProvider></clientConfig>"
	}
	long := pop(strings.Repeat("<!-- x -->", maxFile/5)) // cut off, it is not well formed
	for _, c := range []struct {
		name, file string
		want       Settings
	}{
		{"usual", file("pop.example.org", "995", "SSL", "%EMAILADDRESS%", "password-cleartext"), Settings{"pop.example.org", 995, TLS, "ann.lee@example.org"}},
		{"host of the domain", file("pop.%EMAILDOMAIN%", "995", "SSL", "%EMAILLOCALPART%", "password-encrypted"), Settings{"pop.example.org", 995, TLS, "ann.lee"}},
		{"blanks", file(" pop.example.org ", " 995 ", " ssl ", " %EMAILLOCALPART% ", ""), Settings{"pop.example.org", 995, TLS, "ann.lee"}},
		{"no user name", pop(`<incomingServer type="POP3"><hostname>p.example.org</hostname><port>110</port><socketType>STARTTLS</socketType></incomingServer>`), Settings{"p.example.org", 110, STARTTLS, "ann.lee@example.org"}},
		{"a broken entity", strings.Replace(file("pop.example.org", "995", "SSL", "x", ""), "<domain>", "<a>POP3 &amP; IMAP</a><domain>", 1), Settings{"pop.example.org", 995, TLS, "x"}},
		{"the second of two", pop(`<incomingServer type="pop3"><hostname>p.example.org</hostname><port>110</port><socketType>plain</socketType></incomingServer>` +
			`<incomingServer type="pop3"><hostname>p.example.org</hostname><port>995</port><socketType>SSL</socketType></incomingServer>`), Settings{"p.example.org", 995, TLS, "ann.lee@example.org"}},
		{"no encryption", file("pop.example.org", "110", "plain", "x", ""), Settings{}},
		{"OAuth alone", file("pop.example.org", "995", "SSL", "x", "OAuth2"), Settings{}},
		{"IMAP alone", pop(`<incomingServer type="imap"><hostname>p.example.org</hostname><port>993</port><socketType>SSL</socketType></incomingServer>`), Settings{}},
		{"a port out of range", file("pop.example.org", "65536", "SSL", "x", ""), Settings{}},
		{"port 0", file("pop.example.org", "0", "SSL", "x", ""), Settings{}},
		{"an address for a host", file("127.0.0.1", "995", "SSL", "x", ""), Settings{}},
		{"a line end in the user name", file("pop.example.org", "995", "SSL", "a&#10;DELE 1", ""), Settings{}},
		{"a line end in the host", file("pop.example&#10;.org", "995", "SSL", "x", ""), Settings{}},
		{"too long", long, Settings{}},
		{"HTML", "<!DOCTYPE html><html><body>hello<br></body></html>", Settings{}},
		{"nothing", "", Settings{}},
	} {
		got, err := readFile(strings.NewReader(c.file), a)
		if got != c.want || (err == nil) != (c.want != Settings{}) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

// FuzzReadFile: whatever a domain answers, the result is none, or settings that a POP3 client can use.
func FuzzReadFile(f *testing.F) {
	for _, seed := range []string{file("pop.example.org", "995", "SSL", "%EMAILADDRESS%", "plain"), "<clientConfig><emailProvider><incomingServer type='pop3'><port>1", "\xff\xfe<\x00", "<a><!DOCTYPE x [<!ENTITY a 'b'>]>&a;"} {
		f.Add(seed, "ann@example.org")
	}
	f.Fuzz(func(t *testing.T, body, address string) {
		a, err := parseAddress(address)
		if err != nil {
			return
		}
		s, err := readFile(strings.NewReader(body), a)
		if err != nil {
			if s != (Settings{}) {
				t.Fatalf("settings %+v with error %v", s, err)
			}
			return
		}
		if !isHost(s.Host) || s.Host != strings.ToLower(s.Host) || s.Port < 1 || s.Port > 65535 || s.Username == "" || strings.ContainsAny(s.Username, "\r\n\x00") {
			t.Fatalf("unusable: %+v", s)
		}
	})
}

// deafZone is a machine without a name server that answers.
type deafZone struct{}

func (deafZone) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "server misbehaving", IsTemporary: true}
}

func (deafZone) LookupMX(context.Context, string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "i/o timeout", IsTimeout: true}
}

// TestNoNameServer: the table needs none, and that none answers says nothing of a domain.
func TestNoNameServer(t *testing.T) {
	f := &Finder{Resolver: deafZone{}, Client: newSite(t).client}
	if _, err := f.Find(t.Context(), "ann@example.org"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("a domain of one's own: %v", err)
	}
	if got, err := f.Find(t.Context(), "ann@gmail.com"); err != nil || got.Host != "pop.gmail.com" {
		t.Errorf("a provider of the table: %+v, %v", got, err)
	}
}
