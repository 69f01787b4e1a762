package web

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"postern/internal/i18n"
	"postern/internal/message"
)

// senderText is a sender's name, or the address without one. A name that reads as another address is not shown: where
// there is room for one of the two, it is the true one.
func senderText(reader i18n.Locale, a message.Address) string {
	name := strings.TrimSpace(oneLine(a.Name))
	switch {
	case name != "" && (a.Address == "" || !poses(name, a.Address)):
		return name
	case a.Address != "":
		return addressText(a.Address)
	}
	return reader.T("(unknown sender)")
}

// senderTitle is a sender with name and address.
func senderTitle(reader i18n.Locale, a message.Address) string {
	if a.Name == "" || a.Address == "" {
		return senderText(reader, a)
	}
	return oneLine(a.Name) + " <" + addressText(a.Address) + ">"
}

// poses tells whether a display name holds an address or the name of a host that is not the sender's own:
// "service@example.com" or "Example.com" before the address of somebody else.
func poses(name, address string) bool {
	address = strings.ToLower(norm.NFKC.String(address))
	_, domain, _ := strings.Cut(address, "@")
	for _, word := range strings.FieldsFunc(strings.ToLower(norm.NFKC.String(name)), besideAddress) {
		word = strings.Trim(word, ".'")
		if strings.Contains(word, "@") {
			if word != "@" && word != address { // "Ann @ Example" is a way to write "at"
				return true
			}
			continue
		}
		if isHost(word) && domain != word && !strings.HasSuffix(domain, "."+word) && !strings.HasSuffix(word, "."+domain) {
			return true
		}
	}
	return false
}

// besideAddress tells what cannot stand in an address, or does so hardly ever.
func besideAddress(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(`<>()[]{}"“”„«»,;:|/\!?`, r)
}

// isHost tells whether word, in lower case, could be a host of the Internet: labels, and a last one that is delegated.
// "J.R.Hartley" is none.
func isHost(word string) bool {
	if !strings.Contains(word, ".") || strings.Contains(word, "..") {
		return false
	}
	for _, r := range word {
		if r != '.' && r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return false
		}
	}
	ascii, err := idna.Punycode.ToASCII(word)
	if err != nil {
		return false
	}
	_, delegated := publicsuffix.PublicSuffix(ascii[strings.LastIndexByte(ascii, '.')+1:])
	return delegated
}

// addressText is an address as it is shown: in one line, and the domain so that it does not pass for another.
func addressText(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return oneLine(address)
	}
	return oneLine(address[:at+1]) + domainText(address[at+1:])
}

// domainText is a domain as it is shown. Letters beyond ASCII are shown where each label keeps to one script and does
// not look like a Latin word in it; all else becomes what it is in the DNS (RFC 5891, xn--), which nobody takes for
// something else.
func domainText(domain string) string {
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if !honest(strings.ToLower(label), labels[len(labels)-1]) {
			ascii, err := idna.Punycode.ToASCII(domain)
			if err != nil || strings.IndexFunc(ascii, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf }) >= 0 {
				return strings.Trim(strconv.QuoteToASCII(domain), `"`)
			}
			return ascii
		}
	}
	return domain
}

// script is a script, or scripts that one language mixes, that a label may be written in.
type script struct {
	tables []*unicode.RangeTable
	also   string // characters of all scripts that it needs
	// alike are those of its letters that pass for Latin ones: not all letters of a label may be such, unless the
	// top-level domain is of this script as well.
	alike string
}

// scripts are the ones that domains are shown in. Latin is left to the accents that European languages write.
var scripts = []script{
	{tables: []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}, also: "ー・" + asciiLetters},
	{tables: []*unicode.RangeTable{unicode.Han, unicode.Bopomofo}, also: asciiLetters},
	{tables: []*unicode.RangeTable{unicode.Han, unicode.Hangul}, also: asciiLetters},
	{tables: []*unicode.RangeTable{unicode.Cyrillic}, alike: "асеԁһіјӏорԛѕԝхуѵҽѡгпьъёӓӧ"},
	{tables: []*unicode.RangeTable{unicode.Greek}, alike: "αικνορυωηταχγβεά"},
	{tables: []*unicode.RangeTable{unicode.Arabic}},
	{tables: []*unicode.RangeTable{unicode.Hebrew}},
	{tables: []*unicode.RangeTable{unicode.Devanagari}},
	{tables: []*unicode.RangeTable{unicode.Bengali}},
	{tables: []*unicode.RangeTable{unicode.Tamil}},
	{tables: []*unicode.RangeTable{unicode.Telugu}},
	{tables: []*unicode.RangeTable{unicode.Thai}},
	{tables: []*unicode.RangeTable{unicode.Georgian}},
	{also: asciiLetters + "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĵķĺļľłńņňōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżž"},
}

const asciiLetters = "abcdefghijklmnopqrstuvwxyz"

// honest tells whether a label, in lower case, below the top-level domain top is what it looks like.
func honest(label, top string) bool {
	if strings.IndexFunc(label, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0 {
		return true // what is ASCII, xn-- included, is shown as it stands
	}
	for _, s := range scripts {
		if s.holds(label) {
			return s.alike == "" || strings.Trim(label, s.alike+"-0123456789") != "" || s.holds(strings.ToLower(top))
		}
	}
	return false
}

// holds tells whether the script writes every letter of a label.
func (s *script) holds(label string) bool {
	for _, r := range label {
		switch {
		case r == '-' || '0' <= r && r <= '9', strings.ContainsRune(s.also, r), unicode.In(r, s.tables...) && unicode.In(r, unicode.L, unicode.M):
		default:
			return false
		}
	}
	return true
}
