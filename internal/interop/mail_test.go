package interop

import (
	"bytes"
	"fmt"
	"strings"
)

// A mail is a message of the test's own making.
type mail struct {
	id  string // in its Message-ID field
	raw []byte // with LF, as mailboxes keep it
}

// wire gives the message as POP3 carries it, with CRLF.
func (m mail) wire() []byte { return bytes.ReplaceAll(m.raw, []byte("\n"), []byte("\r\n")) }

// top gives the header with the empty line behind it, and the first lines of the body.
func (m mail) top(lines int) (header, body []byte) {
	wire := m.wire()
	end := bytes.Index(wire, []byte("\r\n\r\n")) + len("\r\n\r\n")
	body = wire[end:]
	parts := bytes.SplitAfterN(body, []byte("\n"), lines+1)
	if len(parts) > lines {
		body = body[:len(body)-len(parts[lines])]
	}
	return wire[:end:end], body
}

// bodies are what mail is made of that a server or a client may stumble over. Left out
// is what mailboxes cannot hold or servers are known to change: no line end at the end,
// "From " at the start of a line, an empty last line.
var bodies = []struct{ subject, text string }{
	{"plain", "Hello Bob,\n\nthis is all.\n"},
	{"dots", ".\n..\n...\n.x\nx.\n . \nfive lines of dots, and one more\n.\n"},
	{"Latin-1 octets", "Gr\xfc\xdfe aus K\xf6ln \x80\x9f\xff\n"},
	{"會議 Größe", "明天下午三點開會。\nGrüße\n"},
	{"one long line", strings.Repeat("0123456789", 2000) + "\nend\n"},
	{"controls", "a\rb\tc\x01\x1b[31m\x7f trailing blanks   \n\t\nend\n"},
	{"many lines", strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 200)},
	{"NUL", "a\x00b\nend\n"},
	{"one octet", "x\n"},
}

// made makes count mails, each different from all others.
func made(count int, withNUL bool) []mail {
	mails := make([]mail, 0, count)
	for i := range count {
		body := bodies[i%len(bodies)]
		if !withNUL {
			body.text = strings.ReplaceAll(body.text, "\x00", "0")
		}
		id := fmt.Sprintf("%04d@interop.example.com", i)
		raw := fmt.Sprintf("Return-Path: <bob@example.net>\nReceived: from example.net by example.com id %04d; Sun, 1 Mar 2026 12:00:%02d +0000\n"+
			"From: Bob <bob@example.net>\nTo: Alice <alice@example.com>\nDate: Sun, 1 Mar 2026 12:%02d:%02d +0000\n"+
			"Subject: %s %d\nMessage-ID: <%s>\n\n%s", i, i%60, i/60%60, i%60, body.subject, i, id, body.text)
		mails = append(mails, mail{id: id, raw: []byte(raw)})
	}
	return mails
}

// idOf finds the identifier of a retrieved message.
func idOf(message []byte) string {
	_, rest, _ := bytes.Cut(message, []byte("\r\nMessage-ID: <"))
	id, _, _ := bytes.Cut(rest, []byte(">"))
	return string(id)
}

// mbox gives the mails as one mailbox in the format of that name.
func mbox(mails []mail) []byte {
	var box bytes.Buffer
	for _, m := range mails {
		box.WriteString("From bob@example.net Sun Mar  1 12:00:00 2026\n")
		box.Write(m.raw)
		box.WriteByte('\n')
	}
	return box.Bytes()
}
