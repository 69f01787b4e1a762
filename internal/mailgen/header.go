package mailgen

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

type person struct{ name, address string }

func (p person) String() string {
	if p.name == "" {
		return p.address
	}
	return encoded(p.name, false) + " <" + p.address + ">"
}

func (w *writer) person(k kind) person {
	hosts := strings.Fields("example.com example.net example.org mail.example.com example.cn corp.example.net post.example.de uni.example.edu")
	host := hosts[w.IntN(len(hosts))]
	if k == newsletter || k == notice {
		roles := strings.Fields("news noreply newsletter orders service notify billing support hello info")
		role := roles[w.IntN(len(roles))]
		return person{w.title(2), fmt.Sprintf("%s@%s.%s", role, word(200+w.IntN(5000)), host)}
	}
	if w.language == Chinese || w.language == Mixed && w.chance(0.5) {
		given, surname := han[w.IntN(len(han))]+han[w.IntN(len(han))], surnames[w.IntN(len(surnames))]
		return person{surname + given, fmt.Sprintf("%s%d@%s", word(500+w.IntN(3000)), w.IntN(100), host)}
	}
	first, last := firstNames[w.IntN(len(firstNames))], title(word(700+w.IntN(20000)))
	return person{first + " " + last, strings.ToLower(first) + "." + strings.ToLower(last) + "@" + host}
}

func (w *writer) subject(k kind) string {
	switch {
	case k == notice && w.language == Chinese:
		return fmt.Sprintf("【%s】%s:%s", w.chinese(2), w.chinese(3), w.code())
	case k == notice:
		return w.title(1+w.IntN(4)) + " " + w.code()
	case k == list:
		return "[" + word(100+w.IntN(300)) + "] " + w.words(3+w.IntN(6))
	}
	return w.title(1) + " " + w.words(2+w.IntN(7))
}

// code is a number that people look for as they read it.
func (w *writer) code() string {
	return fmt.Sprintf("%s-%d/%04d", []string{"INV", "ORD", "RE", "PO", "TICKET"}[w.IntN(5)], 2016+w.IntN(10), w.IntN(10000))
}

func (m *draft) field(name, value string) { m.raw.WriteString(name + ": " + value + "\r\n") }

// headers writes the fields of a delivered message.
func (m *draft) headers() {
	t, k := m.thread, m.thread.kind
	from, to := t.people[m.n%3], person{"", fmt.Sprintf("ann.%d@example.com", t.account)}
	at := func(back int) string { return m.received.Add(-time.Duration(back) * time.Second).Format(time.RFC1123Z) }
	host := from.address[strings.IndexByte(from.address, '@')+1:]
	ip := func() string { return fmt.Sprintf("203.0.113.%d", m.IntN(256)) }

	m.field("Return-Path", "<"+from.address+">")
	m.field("Delivered-To", to.address)
	m.field("Received", fmt.Sprintf("from mx%d.example.com (mx%[1]d.example.com [%s])\r\n\tby store-%d.example.com (Postfix) with ESMTPS id %s\r\n\tfor <%s>; %s",
		m.IntN(4), ip(), m.IntN(9), m.token(11), to.address, at(0)))
	m.field("Received", fmt.Sprintf("from mail.%s (mail.%[1]s [%s])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\t(No client certificate requested)\r\n\tby mx%d.example.com (Postfix) with ESMTPS id %s\r\n\tfor <%s>; %s",
		host, ip(), m.IntN(4), m.token(11), to.address, at(1)))
	if m.chance(0.6) {
		m.field("Authentication-Results", fmt.Sprintf("mx.example.com;\r\n\tdkim=pass header.d=%s header.s=s%d header.b=%s;\r\n\tspf=pass (mx.example.com: domain of %s designates %s as permitted sender) smtp.mailfrom=%[4]s;\r\n\tdmarc=pass (p=NONE sp=NONE dis=NONE) header.from=%[1]s",
			host, m.IntN(9), m.token(8), from.address, ip()))
		m.field("DKIM-Signature", fmt.Sprintf("v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s%d;\r\n\th=from:to:subject:date:message-id:mime-version:content-type:list-unsubscribe;\r\n\tbh=%s;\r\n\tb=%s",
			host, m.IntN(9), m.base64(32), strings.Join(cut(m.base64(256), 70), "\r\n\t ")))
	}
	m.field("Date", m.received.Add(-2*time.Second).Format(time.RFC1123Z))
	m.field("From", from.String())
	m.field("To", to.String())
	for range m.IntN(4) - 1 {
		m.field("Cc", m.person(personal).String())
	}
	m.field("Message-ID", m.g.messageID(m.n))
	subject := t.subject
	if m.parent >= 0 {
		m.field("In-Reply-To", m.g.messageID(m.parent))
		m.field("References", strings.Join(m.ancestors(), "\r\n "))
		subject = "Re: " + subject
	}
	m.field("Subject", encoded(subject, m.n%2 == 0))
	switch k {
	case list:
		name := word(100 + t.account)
		m.field("List-Id", fmt.Sprintf("<%s.lists.example.org>", name))
		m.field("List-Unsubscribe", fmt.Sprintf("<https://lists.example.org/mailman/options/%s>,\r\n <mailto:%[1]s-request@lists.example.org?subject=unsubscribe>", name))
		m.field("List-Post", fmt.Sprintf("<mailto:%s@lists.example.org>", name))
		m.field("Precedence", "list")
	case newsletter:
		m.field("List-Unsubscribe", fmt.Sprintf("<https://click.%s/u/%s>", host, m.token(40)))
		m.field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
		m.field("X-Mailer", "Mailing "+m.token(6))
		m.field("Feedback-ID", m.token(8)+":campaign:"+host)
	case personal:
		m.field("User-Agent", []string{"Mozilla Thunderbird", "Apple Mail (2.3826)", "Foxmail 7.2.25", "Microsoft Outlook 16.0"}[m.IntN(4)])
	}
	m.field("MIME-Version", "1.0")
}

// ancestors are the Message-IDs of what came before in the thread, oldest first.
func (m *draft) ancestors() (ids []string) {
	for n := m.parent; n >= 0 && len(ids) < 10; n = m.g.writer(n).chooseParent() {
		ids = append([]string{m.g.messageID(n)}, ids...)
	}
	return ids
}

// token is a mark as servers make them up.
func (w *writer) token(n int) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[w.IntN(len(letters))]
	}
	return string(b)
}

func (w *writer) bytes(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		v := w.Uint64()
		for j := i; j < min(i+8, n); j++ {
			b[j] = byte(v)
			v >>= 8
		}
	}
	return b
}

func (w *writer) base64(n int) string { return base64.StdEncoding.EncodeToString(w.bytes(n)) }

// cut cuts s into lines.
func cut(s string, width int) (lines []string) {
	for len(s) > width {
		lines, s = append(lines, s[:width]), s[width:]
	}
	return append(lines, s)
}

// encoded is a header's text as RFC 2047 has it: base64 or quoted-printable, in words of
// at most 75 octets, none of which cuts a character.
func encoded(s string, q bool) string {
	if len(s) == utf8.RuneCountInString(s) {
		return s
	}
	var words []string
	for len(s) > 0 {
		n := min(len(s), 36)
		if q {
			n = min(len(s), 18)
		}
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		if q {
			words = append(words, "=?UTF-8?Q?"+quotedWord(s[:n])+"?=")
		} else {
			words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		}
		s = s[n:]
	}
	return strings.Join(words, "\r\n ")
}

func quotedWord(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == ' ':
			b.WriteByte('_')
		case c > ' ' && c < 0x7f && !strings.ContainsRune("=?_()\"", rune(c)):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}
