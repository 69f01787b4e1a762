package sanitize

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// RealHost is the class of what stands behind a link whose text names another
// host than the one it leads to: a span with the true one, in brackets.
const RealHost = "mail-host"

// realHostStyle keeps the mail's own styles from hiding it: what is important
// in a style attribute cannot be overruled.
const realHostStyle = "all:initial!important;unicode-bidi:isolate!important;overflow-wrap:anywhere!important;" +
	"background:#fff!important;color:#b00020!important;font:12px/1.3 sans-serif!important"

// Bounds on the text of a link that is looked at, in octets. A host without a
// scheme counts in a short text only: in a longer one it is a mention.
const (
	maxLinkText = 4 << 10
	maxMention  = 100
	maxCuts     = 20 // places where an element begins or ends
)

// maxTrueHosts bounds how many hosts are named to the caller.
const maxTrueHosts = 3

// openLink is a link that is being written, and where its text begins.
type openLink struct {
	host     string // that it leads to
	disguise bool   // something that is no host stands where a host is expected
	turned   bool   // text in it may stand backwards
	from     int    // in renderer.linkText
	cuts     []int  // in renderer.linkText: where an element begins or ends
}

// withoutRealHosts takes what this package has put behind links out of a tree,
// or what a mail has put there to look like it: it is written anew.
func withoutRealHosts(doc *html.Node) {
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "span" && hasClass(attr(n, "class"), RealHost) {
			found = append(found, n)
		}
	}
	for _, n := range found {
		n.Parent.RemoveChild(n)
	}
}

// beginLink notes that a link to href was opened. Only those to the web count.
func (r *renderer) beginLink(href string) bool {
	scheme, rest, ok := strings.Cut(href, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return false
	}
	user, host := authority(rest)
	r.links = append(r.links, openLink{host: hostName(host), disguise: strings.Contains(user, "."), from: len(r.linkText)})
	return true
}

// linkWords adds text as it is written to that of the open links.
func (r *renderer) linkWords(s string) {
	if len(r.links) == 0 {
		return
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\r':
			r.linkText = append(r.linkText, ' ')
		case !dropControl(c):
			r.linkText = append(r.linkText, c)
		}
	}
}

// linkCut notes that an element begins or ends here, which may be hidden with its text.
func (r *renderer) linkCut(name string, bare bool) {
	if len(r.links) == 0 || bare && !r.styled && emphasis[name] {
		return
	}
	l := &r.links[len(r.links)-1]
	l.turned = l.turned || name == "bdo"
	if at := len(r.linkText); len(l.cuts) < maxCuts && (len(l.cuts) == 0 || l.cuts[len(l.cuts)-1] != at) {
		l.cuts = append(l.cuts, at)
	}
}

// emphasis are elements whose text is seen as well as what is around it, as long as no style says otherwise.
var emphasis = set("b strong i em u span font")

// misleads tells whether the text of a link, all of it or what is left when some of its elements are unseen, names another
// host than the link's.
func (l openLink) misleads(text []byte) bool {
	if l.disguise {
		return true
	}
	text = text[:min(len(text), maxLinkText)]
	if !mayName(text) {
		return false
	}
	all := string(text)
	short := len(strings.TrimSpace(all)) <= maxMention
	if posesWithin(all, l.host) || namesOther(all, l.host, short) || (l.turned || strings.ContainsRune(all, turnsRound)) && namesOther(backwards(all), l.host, short) {
		return true
	}
	from := 0
	for _, cut := range l.cuts {
		to := min(cut-l.from, len(all))
		if from < to && (namesOther(all[from:to], l.host, short) || namesOther(all[:to], l.host, short)) {
			return true
		}
		from = to
	}
	return from > 0 && namesOther(all[from:], l.host, short)
}

// posesWithin tells whether a text names a host or address that reads as another site's when its end or beginning is out of
// sight, as in a narrow box, or when it is read in a hurry: "example.com.evil.example", "evil.example/www.example.com".
func posesWithin(text, host string) bool {
	for word := range strings.FieldsSeq(lowerASCII(text)) {
		if _, rest, ok := strings.Cut(word, "://"); ok {
			word = rest
		}
		parts := strings.FieldsFunc(word, func(c rune) bool { return strings.ContainsRune(`/\?#&=;`, c) })
		for i, part := range parts[:min(len(parts), maxCuts)] {
			name := strings.Trim(part, beside)
			if i == 0 {
				site, err := publicsuffix.EffectiveTLDPlusOne(name)
				if err != nil {
					break
				}
				name = strings.TrimSuffix(strings.TrimSuffix(name, site), ".")
			}
			if endsLikeHost(name) && !sameSite(name, host) {
				return true
			}
		}
	}
	return false
}

// endsLikeHost tells whether a name with a dot ends as most hosts do: file names and the names of hosts within a site, which
// may end in any of the many other top-level domains, do not.
func endsLikeHost(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	return dot > 0 && wellKnown[name[dot+1:]] && isHost(name)
}

var wellKnown = set("com net org gov edu")

// turnsRound is the character behind which text stands backwards (RIGHT-TO-LEFT OVERRIDE).
const turnsRound = '\u202e'

func backwards(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// endLink writes the host of the innermost link behind it, when its text says
// that it leads elsewhere.
func (r *renderer) endLink() {
	l := r.links[len(r.links)-1]
	r.links = r.links[:len(r.links)-1]
	if l.misleads(r.linkText[l.from:]) {
		r.disguised++
		if len(r.trueHosts) < maxTrueHosts && !slices.Contains(r.trueHosts, l.host) {
			r.trueHosts = append(r.trueHosts, l.host)
		}
		r.out.WriteString(`<span class="` + RealHost + `" style="` + realHostStyle + `"> [`)
		r.escape(l.host)
		r.out.WriteString("]</span>")
	}
	if len(r.links) == 0 {
		r.linkText = r.linkText[:0]
	}
}

// mayName tells whether a text can hold an address; most links have none.
func mayName(text []byte) bool {
	for _, c := range text {
		if c == '.' || c >= 0x80 { // beyond ASCII are signs that stand for a dot
			return true
		}
	}
	return bytes.Contains(text, []byte("://"))
}

// namesOther tells whether a text holds a web address, or where it is short the
// name of a host, that is not of the same site as host.
func namesOther(text, host string, short bool) bool {
	if isASCII(text) {
		text = lowerASCII(text)
	} else {
		text = strings.Map(func(c rune) rune {
			if unicode.Is(unicode.Cf, c) || c == '\u034f' { // unseen
				return -1
			}
			return unicode.ToLower(c)
		}, norm.NFKC.String(strings.ToValidUTF8(text, "")))
	}
	for word := range strings.FieldsSeq(text) {
		if named := namedHost(word, short); named != "" && !sameSite(named, host) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// namedHost gives the host that a word of a link's text leads one to expect;
// "" for none. Names without a scheme count when bare.
func namedHost(word string, bare bool) string {
	for _, scheme := range []string{"https://", "http://"} {
		if _, rest, ok := strings.Cut(word, scheme); ok {
			user, host := authority(rest)
			if user != "" {
				host, _, _ = strings.Cut(user, ":") // what is read first is believed
			}
			return hostName(host)
		}
	}
	word = strings.TrimLeft(word, beside)
	if !bare && !strings.HasPrefix(word, "www.") || strings.Contains(word, "@") {
		return ""
	}
	_, host := authority(word)
	if host = hostName(host); !isHost(host) {
		return ""
	}
	return host
}

// beside are the marks around an address in running text.
const beside = `"'<>()[]{}«»“”„‚‘’,;!|*…`

// authority gives user information and host of what follows the slashes of a
// URL (RFC 3986 section 3.2); the port goes.
func authority(s string) (user, host string) {
	if i := strings.IndexAny(s, `/\?#`); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, s = s[:i], s[i+1:]
	}
	if end := strings.IndexByte(s, ']'); strings.HasPrefix(s, "[") && end > 0 {
		return user, s[:end+1]
	}
	s, _, _ = strings.Cut(s, ":")
	return user, s
}

// lookup reads a host as browsers do (UTS 46, non-transitional).
var lookup = idna.New(idna.MapForLookup(), idna.StrictDomainName(false))

// hostName gives a host in the one form to compare and to show: lower case, as
// in the DNS, where no letter looks like another.
func hostName(host string) string {
	if strings.HasPrefix(host, "[") {
		return strings.ToLower(host)
	}
	host = strings.Trim(host, beside+".")
	if plainHost(host) {
		return host
	}
	if ascii, err := lookup.ToASCII(host); err == nil {
		return ascii
	}
	if ascii, err := idna.Punycode.ToASCII(strings.ToLower(host)); err == nil {
		return ascii
	}
	return strings.ToLower(host)
}

// plainHost tells whether a host is in that form as it stands, as most are.
func plainHost(host string) bool {
	return onlyLetters(host, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '-') && !strings.Contains(host, "xn--")
}

// isHost tells whether a word is the name of a host of the Internet, and not
// only has a dot in it.
func isHost(word string) bool {
	dot := strings.LastIndexByte(word, '.')
	if dot <= 0 || strings.Contains(word, "..") || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	_, delegated := publicsuffix.PublicSuffix(word[dot+1:])
	return delegated
}

// sameSite tells whether two hosts belong to one owner, as far as their names
// tell it.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	if isAddress(a) || isAddress(b) {
		return false
	}
	siteA, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	siteB, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && siteA == siteB
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}
