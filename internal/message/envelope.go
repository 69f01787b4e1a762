package message

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// SeveralFrom is the defect of a message with more than one From field. RFC 5322 §3.6 allows one. Programs differ in
// which they believe, which is what a forger is after.
const SeveralFrom = "There are several From fields; the first one is shown. Be careful: the message may not be from whom it says."

// envelope reads the fields of a message. Raw octets are in the charset fallback.
func (h header) envelope(fallback string, d *defects) Envelope {
	e := Envelope{
		From:      parseAddresses(h.get("from"), fallback),
		Sender:    parseAddresses(h.get("sender"), fallback),
		ReplyTo:   parseAddresses(h.get("reply-to"), fallback),
		To:        parseAddresses(h.all("to"), fallback),
		Cc:        parseAddresses(h.all("cc"), fallback),
		Bcc:       parseAddresses(h.all("bcc"), fallback),
		Subject:   decodeHeader(h.get("subject"), fallback),
		MessageID: firstID(h.get("message-id")),
		InReplyTo: messageIDs(h.get("in-reply-to")),
		Received:  receivedTime(h.get("received")),
	}
	e.References = messageIDs(h.get("references"))
	e.ListID = listID(h.get("list-id"))
	e.Unsubscribe = unsubscribe(h.get("list-unsubscribe"))
	e.OneClick = strings.EqualFold(string(h.get("list-unsubscribe-post")), "List-Unsubscribe=One-Click")
	e.AuthResults = clip(decodeHeader(h.get("authentication-results"), fallback), 4000)
	var ok bool
	if e.Date, ok = parseDate(string(h.get("date"))); !ok {
		e.Date = time.Time{}
		if h.get("date") != nil {
			d.add("The Date field could not be read.")
		}
	}
	if !utf8.Valid(h.get("subject")) || !utf8.Valid(h.get("from")) {
		d.add("The header holds octets of an undeclared charset; they were read like the text, or guessed.")
	}
	switch h.count("from") {
	case 0:
		d.add("There is no From field.")
	case 1:
	default:
		d.add(SeveralFrom)
	}
	return e
}

// receivedTime is the time behind the last semicolon of a Received field (RFC 5321 §4.4).
func receivedTime(raw []byte) time.Time {
	if i := bytes.LastIndexByte(raw, ';'); i >= 0 {
		raw = raw[i+1:]
	} else if len(raw) > 40 {
		raw = raw[len(raw)-40:]
	}
	t, _ := parseDate(string(raw))
	return t
}

// messageIDs reads the identifiers of References or In-Reply-To (RFC 5322 §3.6.4), each once.
// QUIRK: text among them is passed over; an identifier without brackets counts if it has an "@".
func messageIDs(raw []byte) []string {
	var out []string
	for len(raw) > 0 && len(out) < maxIDs {
		var id []byte
		raw = bytes.TrimLeft(raw, " \t,;\r\n")
		if len(raw) == 0 {
			break
		}
		if raw[0] == '<' {
			end := bytes.IndexByte(raw, '>')
			if end < 0 {
				end = len(raw)
			}
			id, raw = raw[1:end], raw[min(end+1, len(raw)):]
		} else {
			end := bytes.IndexAny(raw, " \t,<")
			if end <= 0 {
				end = len(raw)
			}
			id, raw = raw[:end], raw[end:]
			if bytes.IndexByte(id, '@') <= 0 || bytes.IndexByte(id, '"') >= 0 {
				continue
			}
		}
		if s := cleanID(id); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// firstID reads Message-ID. QUIRK: without brackets or "@", it still identifies the message.
func firstID(raw []byte) string {
	if i := bytes.IndexByte(raw, '<'); i >= 0 {
		if ids := messageIDs(raw[i:]); len(ids) > 0 {
			return ids[0]
		}
	}
	word, _, _ := bytes.Cut(raw, []byte(" "))
	return cleanID(word)
}

func cleanID(b []byte) string {
	if bytes.ContainsFunc(b, unicode.IsSpace) {
		b = bytes.Join(bytes.Fields(b), nil)
	}
	s := validText(string(b))
	return clip(strings.Trim(s, "<>"), 1000)
}

// listID reads List-Id (RFC 2919): the identifier in the brackets, or all there is.
func listID(raw []byte) string {
	s := decodeHeader(raw, "")
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	return clip(strings.TrimSpace(s), 1000)
}

// unsubscribe reads the URLs of List-Unsubscribe (RFC 2369 §3.2) that can be used: mailto: and
// https:, in the sender's order.
func unsubscribe(raw []byte) []string {
	var out []string
	for len(out) < 10 {
		_, rest, ok := bytes.Cut(raw, []byte("<"))
		if !ok {
			break
		}
		var url []byte
		if url, raw, ok = bytes.Cut(rest, []byte(">")); !ok {
			break
		}
		u := string(bytes.Join(bytes.Fields(url), nil))
		lower := strings.ToLower(u[:min(len(u), 10)])
		if len(u) <= 4000 && isASCII([]byte(u)) && (strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "https://")) {
			out = append(out, u)
		}
	}
	return out
}

// finish reads what had to wait for the whole tree.
func (p *parser) finish(m *Message) {
	p.unwrap(p.root)
	p.root.flags("", new(bool))
	fallback := ""
	if text := p.root.firstText(); text != nil {
		fallback = text.Charset
	}
	if fallback == "" {
		fallback = normalLabel(parseMedia(p.top.get("content-type")).get("charset"))
	}
	for _, r := range p.rawNames {
		name, _ := decodeWords(r.name, fallback)
		r.part.Filename = safeFilename(name)
	}
	p.root.walk(func(part *Part) bool {
		if part.isTNEF() && len(part.Parts) == 0 && part.Size > 0 {
			p.openTNEF(part)
		}
		if part.isBody() && part.Charset != "" && !knownCharset(part.Charset) {
			p.defects.add("The charset of a text is not known; it was guessed.")
		}
		return true
	})
	m.Envelope = p.top.envelope(fallback, &p.defects)
}

// firstText is the first part that is shown as text and declares a charset.
func (p *Part) firstText() *Part {
	if p.isBody() && p.Charset != "" {
		return p
	}
	for _, child := range p.Parts {
		if t := child.firstText(); t != nil {
			return t
		}
	}
	return nil
}
