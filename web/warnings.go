package web

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"postern/internal/authres"
	"postern/internal/i18n"
	"postern/internal/message"
	"postern/templates"
)

// warnings says what a reader should know before believing a message, the worst first.
func (p *messagePage) warnings(rd *reading, own []string) {
	warn := func(tone templates.Tone, brief, key i18n.Key, args ...any) {
		p.Warnings = append(p.Warnings, templates.Warning{Tone: tone, Brief: p.reader.T(brief), Text: p.reader.T(key, args...)})
	}
	m := p.message
	from := message.Address{}
	if len(m.Envelope.From) > 0 {
		from = m.Envelope.From[0]
	}
	domain := domainOf(from.Address)
	if rd.origin == authres.Failed {
		warn(templates.ToneBad, "May be forged: the sender is not confirmed", "Your mail provider could not confirm that this is from %s. It may be forged.", domainText(domain))
	}
	if slices.Contains(m.Defects, message.SeveralFrom) { // not only broken, but perhaps meant to deceive
		warn(templates.ToneBad, "Several senders", message.SeveralFrom)
	}
	if poses(from.Name, from.Address) && from.Address != "" {
		warn(templates.ToneBad, "The sender's name is another address", "The sender's name reads as another address. The true one is %s.", addressText(from.Address))
	}
	if text := lookAlike(from.Address, own); !text.IsZero() {
		warn(templates.ToneBad, "The address only looks like another", "%s", text)
	}
	for _, name := range programs(m.Structure.Attachments(), rd.raw) {
		warn(templates.ToneBad, "An attachment can be a program", "The attachment “%s” is a program, or can hold one. Open it only if you expected it.", oneLine(name))
	}
	if n := p.disguised; n > 0 {
		warn(templates.ToneWarn, "A link leads elsewhere than it says", "%s", i18n.Count(n, "%d link leads to another place than its text says: %s. It stands in red behind the link.", "%d links lead to another place than their texts say: %s. It stands in red behind each.", shownHosts(p.reader, p.trueHosts, n)))
	}
	if text := elsewhere(m.Envelope); !text.IsZero() {
		warn(templates.ToneWarn, "Answers go elsewhere", "%s", text)
		p.Warnings[len(p.Warnings)-1].Folds = true
	}
}

// shownHosts are the hosts that links really lead to, each so that its end, which tells whose it is, is seen.
func shownHosts(reader i18n.Locale, hosts []string, links int) string {
	const most = 60
	var list []string
	for _, host := range hosts {
		if host = domainText(oneLine(host)); len(host) > most {
			host = "…" + strings.ToValidUTF8(host[len(host)-most:], "")
		}
		list = append(list, host)
	}
	if links > len(hosts) && len(hosts) > 1 {
		list = append(list, "…")
	}
	return reader.List(list)
}

// firstContact says that a sender is new to the reader. That is so of most mail in a new mailbox, and of each newsletter
// once; so it stands where it means something: beside another warning, or where enough mail has come before to tell, and
// not of a list that is what it says it is.
func (s *Server) firstContact(ctx context.Context, p *messagePage, rd *reading, v *visitor) error {
	from := sender(rd.m)
	if from == "" {
		return nil
	}
	if len(p.Warnings) == 0 {
		if rd.m.Envelope.ListID != "" && rd.origin == authres.Passed {
			return nil
		}
		if tells, err := s.store.HasHistory(ctx, v.ID, rd.m.Received, historyToTell); err != nil || !tells {
			return err
		}
	}
	if known, err := s.store.WroteBefore(ctx, v.ID, from, rd.m.Received); err != nil || known {
		return err
	}
	text := p.reader.T("This is the first message from %s.", addressText(from))
	p.Warnings = append(p.Warnings, templates.Warning{Tone: templates.ToneInfo, Brief: text, Text: text, Folds: true})
	return nil
}

// historyToTell is how many messages have to have come before one for its sender to be called new.
const historyToTell = 100

// elsewhere says that an answer would go to another organisation than the message came from.
func elsewhere(e message.Envelope) i18n.Text {
	if len(e.From) == 0 || len(e.ReplyTo) == 0 || e.ListID != "" {
		return i18n.Text{}
	}
	from := organisation(domainOf(e.From[0].Address))
	for _, a := range e.ReplyTo[:min(len(e.ReplyTo), maxPeople)] {
		if to := organisation(domainOf(a.Address)); to != "" && to != from {
			return i18n.Say("Answers go to %s, not to the sender.", addressText(a.Address))
		}
	}
	return i18n.Text{}
}

// organisation is the registered domain of a host, or what there is.
func organisation(host string) string {
	if ascii, err := idna.Punycode.ToASCII(strings.ToLower(host)); err == nil {
		host = ascii
	}
	if org, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return org
	}
	return strings.ToLower(host)
}

// lookAlike says that an address is made to be taken for another: letters of several scripts, or of one that passes for
// Latin, or a domain that differs only in looks from one of the reader's own.
func lookAlike(address string, own []string) i18n.Text {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return i18n.Text{}
	}
	local, domain := address[:at], strings.ToLower(address[at+1:])
	read := domain
	if u, err := idna.Punycode.ToUnicode(domain); err == nil {
		read = u
	}
	labels := strings.Split(read, ".")
	for _, label := range labels {
		if !honest(label, labels[len(labels)-1]) {
			ascii, err := idna.Punycode.ToASCII(read)
			if err != nil {
				ascii = domainText(domain)
			}
			return i18n.Say("The sender's address mixes letters of several alphabets so that it reads as another. To computers it is %s.", ascii)
		}
	}
	if !honest(strings.ToLower(norm.NFKC.String(letters(local))), "") {
		return i18n.Say("The part of the sender's address before the @ mixes letters of several alphabets so that it reads as another.")
	}
	for _, mine := range own {
		if a, b := organisation(read), organisation(mine); a != b && looks(a) == looks(b) {
			return i18n.Say("The sender's address is not of %s, it only looks like it.", mine)
		}
	}
	return i18n.Text{}
}

// letters are those of an address that tell its script.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, s)
}

// looks is what a Latin domain looks like at a glance.
func looks(domain string) string {
	if u, err := idna.Punycode.ToUnicode(domain); err == nil {
		domain = u
	}
	domain = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1 // accents
		}
		return r
	}, norm.NFKD.String(domain))
	return lookalikes.Replace(domain)
}

var lookalikes = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "|", "l", "5", "s", "3", "e", "8", "b", "q", "g", "-", "", "_", "")

// programExtensions are those of files that run, or can have something run, when they are opened.
var programExtensions = func() map[string]bool {
	m := map[string]bool{}
	for ext := range strings.FieldsSeq("exe scr com pif bat cmd js jse mjs vbs vbe wsf wsh hta msi msp mst msc jar ps1 psm1 lnk url scf cpl reg dll sys gadget " +
		"application inf ins isp chm hlp iso img vhd vhdx apk ipa app dmg pkg deb rpm run sh command desktop workflow xll xlam docm dotm xlsm xltm pptm ppam potm one " +
		"rdp settingcontent-ms library-ms appref-ms svg html htm xhtml shtml mht mhtml xht") {
		m[ext] = true
	}
	return m
}()

// programMagic is how programs begin, whatever they are called.
var programMagic = []string{"MZ", "\x7fELF", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe", "L\x00\x00\x00\x01\x14\x02\x00", "#!/", "dex\n"}

// maxJudged bounds how many attachments are looked into.
const maxJudged = 50

// programs names the attachments that are programs.
func programs(parts []*message.Part, raw io.ReaderAt) (names []string) {
	for _, part := range parts[:min(len(parts), maxJudged)] {
		if isProgram(part, raw) {
			names = append(names, part.Name())
		}
	}
	return names[:min(len(names), 5)]
}

func isProgram(part *message.Part, raw io.ReaderAt) bool {
	name := strings.TrimRight(strings.ToLower(part.Name()), ". ")
	if programExtensions[name[strings.LastIndexByte(name, '.')+1:]] {
		return true
	}
	head := string(partHead(part, raw))
	for _, magic := range programMagic {
		if strings.HasPrefix(head, magic) {
			return true
		}
	}
	return false
}
