// Package authres reads what the receiving mail server says of a message's origin: the Authentication-Results fields of
// its header (RFC 8601). Anyone can write such a field, so the package judges which of them the server itself has
// written: by the name in the field, and by where the field stands among the Received fields, which each server on the
// way puts on top of those that were there.
package authres

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Verdict is what the server found out about the domain in From.
type Verdict int

// The verdicts.
const (
	Unknown Verdict = iota // nothing is said by a server that may be believed
	Passed                 // the domain in From stands behind the message: DMARC, or DKIM of that domain
	Failed                 // the message only claims to be from there
)

// Server is the receiving side of a mailbox.
type Server struct {
	// Names are host names and mail domains of the one who runs it. A field counts when its server is of the same
	// organisation as one of them.
	Names []string
}

// Judge reads the header of a message that arrived at a server. from is the domain of the only address in From.
func Judge(header []byte, from string, s Server) Verdict {
	if from == "" {
		return Unknown
	}
	var all []Result
	for _, f := range s.own(fields(header)) {
		server, results, ok := Parse(f)
		if ok && s.is(server) {
			all = append(all, results...)
		}
	}
	return judge(all, from)
}

// judge weighs results: DMARC has the last word where it was asked, for it is about From itself.
func judge(results []Result, from string) Verdict {
	failed := false
	for _, r := range results {
		if r.Method != "dmarc" || r.Props["header.from"] != "" && !strings.EqualFold(r.Props["header.from"], from) {
			continue
		}
		switch r.Value {
		case "pass", "bestguesspass":
			return Passed
		case "fail":
			failed = true
		}
	}
	if failed {
		return Failed
	}
	for _, r := range results {
		switch {
		case r.Method == "dkim" && r.Value == "pass" && aligned(r.signer(), from):
			return Passed
		case r.Method == "dkim" && (r.Value == "fail" || r.Value == "permerror") && aligned(r.signer(), from):
			failed = true
		case r.Method == "spf" && r.Value == "fail" && aligned(domainOf(r.Props["smtp.mailfrom"]), from):
			failed = true
		}
	}
	if failed {
		return Failed
	}
	return Unknown
}

// signer is the domain that signed (RFC 6376: d=, or that of i=).
func (r Result) signer() string {
	if d := r.Props["header.d"]; d != "" {
		return d
	}
	return domainOf(r.Props["header.i"])
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// aligned tells whether two domains are of one organisation (RFC 7489 section 3.1, relaxed).
func aligned(a, b string) bool {
	a, b = organisation(a), organisation(b)
	return a != "" && a == b
}

// organisation is the registered domain that a name lies in, "" if there is none.
func organisation(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	org, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return ""
	}
	return org
}

// relatives are organisations that write their results under another name than that of their mailboxes or POP3 hosts.
var relatives = map[string][]string{
	"gmail.com": {"google.com"}, "googlemail.com": {"google.com"},
	"outlook.com": {"office365.com", "microsoft.com"}, "hotmail.com": {"outlook.com"}, "live.com": {"outlook.com"}, "office365.com": {"outlook.com"},
	"aol.com": {"yahoo.com"}, "ymail.com": {"yahoo.com"}, "yahoo.co.jp": {"yahoo.com"},
	"fastmail.com": {"messagingengine.com"}, "fastmail.fm": {"messagingengine.com"},
	"zoho.com": {"zohomail.com"}, "zoho.eu": {"zohomail.eu"}, "yandex.com": {"yandex.net", "yandex.ru"}, "yandex.ru": {"yandex.net"},
	"gmx.com": {"gmx.net"}, "gmx.de": {"gmx.net"}, "foxmail.com": {"qq.com"},
}

// is tells whether a host is the server's own.
func (s Server) is(host string) bool {
	org := organisation(host)
	for _, name := range s.Names {
		mine := organisation(name)
		if mine == "" { // a server without a public name is known by its whole one
			if name != "" && strings.EqualFold(name, host) {
				return true
			}
			continue
		}
		if org == mine {
			return true
		}
		for _, other := range relatives[mine] {
			if org == other {
				return true
			}
		}
	}
	return false
}

// known tells whether the server is one of those that take out of a message what it brings of their own fields
// (RFC 8601 section 5), as the large ones do.
func (s Server) known() bool {
	for _, name := range s.Names {
		if relatives[organisation(name)] != nil {
			return true
		}
	}
	return false
}
