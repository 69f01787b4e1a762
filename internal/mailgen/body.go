package mailgen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
)

// write makes the whole message.
func (m *draft) write() {
	m.headers()
	text := m.text()
	attach := m.chance(0.07)
	boundary := "=_" + m.token(24)
	if attach {
		m.field("Content-Type", `multipart/mixed; boundary="`+boundary+`"`)
		fmt.Fprintf(&m.raw, "\r\n--%s\r\n", boundary)
	}
	if k := m.thread.kind; k == newsletter || k == notice || m.chance(0.4) {
		alternative := "----=_Part_" + m.token(20)
		m.field("Content-Type", `multipart/alternative; boundary="`+alternative+`"`)
		fmt.Fprintf(&m.raw, "\r\n--%s\r\n", alternative)
		m.part("text/plain", text)
		fmt.Fprintf(&m.raw, "\r\n--%s\r\n", alternative)
		m.part("text/html", m.html(text))
		fmt.Fprintf(&m.raw, "\r\n--%s--\r\n", alternative)
	} else {
		m.part("text/plain", text)
	}
	if attach {
		m.attachment(boundary)
	}
}

// part writes a text with its fields.
func (m *draft) part(mediaType, text string) {
	m.field("Content-Type", mediaType+"; charset=utf-8")
	switch {
	case m.thread.language == English && !strings.Contains(text, "é"):
		m.field("Content-Transfer-Encoding", "7bit")
		m.raw.WriteString("\r\n" + strings.ReplaceAll(text, "\n", "\r\n"))
	case m.thread.language == Chinese || m.n%2 == 0:
		m.field("Content-Transfer-Encoding", "base64")
		m.raw.WriteString("\r\n" + strings.Join(cut(base64.StdEncoding.EncodeToString([]byte(text)), 76), "\r\n") + "\r\n")
	default:
		m.field("Content-Transfer-Encoding", "quoted-printable")
		m.raw.WriteString("\r\n")
		q := quotedprintable.NewWriter(&m.raw)
		q.Write([]byte(text)) // into memory: it cannot fail
		q.Close()
		m.raw.WriteString("\r\n")
	}
}

// text is what the message says.
func (m *draft) text() string {
	var b strings.Builder
	length := 0
	switch m.thread.kind {
	case notice:
		length = m.size(60, 0.6, 600)
	case newsletter:
		length = m.size(350, 0.7, 4000)
	default:
		length = m.size(90, 1.0, 6000)
	}
	chinese := m.thread.language == Chinese
	if chinese {
		b.WriteString("您好!\n\n")
	} else {
		b.WriteString("Dear " + firstNames[m.IntN(len(firstNames))] + ",\n\n")
	}
	for length > 0 {
		n := min(length, 20+m.IntN(60))
		b.WriteString(m.paragraph(n) + "\n\n")
		length -= n
	}
	if m.thread.kind == notice {
		b.WriteString(m.code() + "\n")
	}
	from := m.thread.people[m.n%3]
	if chinese {
		b.WriteString("此致\n敬礼\n" + from.name + "\n")
	} else {
		b.WriteString("Best regards\n" + from.name + "\n")
	}
	if m.parent >= 0 {
		at := m.received.AddDate(0, 0, -1)
		fmt.Fprintf(&b, "\nOn %s, %s wrote:\n", at.Format("Mon, 2 Jan 2006 at 15:04"), m.thread.people[(m.n+1)%3].name)
		for range 1 + m.IntN(6) {
			b.WriteString("> " + m.paragraph(12) + "\n")
		}
	}
	return b.String()
}

func (m *draft) paragraph(words int) string {
	switch {
	case m.thread.language == Chinese, m.thread.language == Mixed && m.chance(0.5):
		return m.chinese(words)
	}
	return wrap(m.sentences(words), 72)
}

func wrap(s string, width int) string {
	var b strings.Builder
	at := 0
	for i, f := range strings.Fields(s) {
		switch {
		case i == 0:
		case at+len(f) > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
		}
		b.WriteString(f)
		at += len(f) + 1
	}
	return b.String()
}

// html is the page beside the text, with the furniture that such pages have.
func (m *draft) html(text string) string {
	var b bytes.Buffer
	k := m.thread.kind
	b.WriteString("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\" />\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1.0\" />\n")
	fmt.Fprintf(&b, "<title>%s</title>\n", m.thread.subject)
	if k == newsletter {
		b.WriteString("<style type=\"text/css\">\nbody { margin: 0; padding: 0; background-color: #f4f4f4; font-family: Arial, Helvetica, sans-serif; }\ntable { border-collapse: collapse; mso-table-lspace: 0pt; mso-table-rspace: 0pt; }\nimg { border: 0; height: auto; line-height: 100%; outline: none; text-decoration: none; }\n@media only screen and (max-width: 600px) { .container { width: 100% !important; } .column { display: block !important; } }\n</style>\n")
	}
	b.WriteString("</head>\n<body style=\"margin: 0; padding: 0;\">\n")
	if k == personal || k == list {
		for p := range strings.SplitSeq(text, "\n\n") {
			fmt.Fprintf(&b, "<div dir=\"ltr\" style=\"font-family: Calibri, sans-serif; font-size: 11pt;\">%s</div>\n<div><br></div>\n", strings.ReplaceAll(strings.ReplaceAll(p, "> ", "&gt; "), "\n", "<br>\n"))
		}
		return b.String() + "</body>\n</html>\n"
	}
	b.WriteString("<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" width=\"100%\">\n<tr>\n<td align=\"center\" bgcolor=\"#f4f4f4\">\n<table class=\"container\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" width=\"600\" style=\"max-width: 600px;\">\n")
	for p := range strings.SplitSeq(text, "\n\n") {
		b.WriteString("<tr>\n<td align=\"left\" style=\"padding: 12px 24px; font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 24px; color: #333333;\">\n")
		if m.chance(0.25) {
			fmt.Fprintf(&b, "<a href=\"https://click.%s.example.com/c/%s?utm_source=newsletter&amp;utm_medium=email&amp;utm_campaign=%d\" target=\"_blank\" style=\"color: #1a73e8; text-decoration: none;\"><img src=\"https://img.example.com/%s.png\" alt=\"\" width=\"552\" style=\"display: block;\" /></a>\n",
				word(200+m.thread.account), m.token(48), m.IntN(1000), m.token(16))
		}
		b.WriteString("<p style=\"margin: 0;\">" + p + "</p>\n</td>\n</tr>\n")
	}
	fmt.Fprintf(&b, "<tr>\n<td align=\"center\" style=\"padding: 24px; font-size: 12px; color: #999999;\">\n<a href=\"https://click.example.com/u/%s\" style=\"color: #999999; text-decoration: underline;\">Unsubscribe</a>\n</td>\n</tr>\n</table>\n</td>\n</tr>\n</table>\n<img src=\"https://open.example.com/o/%[1]s.gif\" width=\"1\" height=\"1\" alt=\"\" />\n</body>\n</html>\n", m.token(40))
	return b.String()
}

// attachment ends a mixed message with a file of octets that no compression helps.
func (m *draft) attachment(boundary string) {
	files := []struct{ ext, mediaType string }{{"pdf", "application/pdf"}, {"png", "image/png"}, {"jpg", "image/jpeg"}, {"zip", "application/zip"},
		{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}}
	f := files[m.IntN(len(files))]
	name := word(100+m.IntN(5000)) + "-" + fmt.Sprint(m.IntN(1000))
	if m.thread.language == Chinese {
		name = encoded(m.chinese(2), false)
	}
	size := m.size(12_000, 1.1, 400_000)
	if m.chance(0.002) {
		size = 1_000_000 + m.IntN(5_000_000)
	}
	fmt.Fprintf(&m.raw, "\r\n--%s\r\nContent-Type: %s;\r\n name=\"%s.%s\"\r\nContent-Disposition: attachment;\r\n filename=\"%[3]s.%[4]s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		boundary, f.mediaType, name, f.ext)
	for _, line := range cut(m.base64(size), 76) {
		m.raw.WriteString(line + "\r\n")
	}
	fmt.Fprintf(&m.raw, "--%s--\r\n", boundary)
}
