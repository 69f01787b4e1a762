package message

import (
	"bytes"
	"strings"
)

// describe fills in what the header says of a part.
func (p *parser) describe(part *Part, h header) mediaType {
	media := parseMedia(h.get("content-type"))
	part.Type = media.value
	if !strings.Contains(part.Type, "/") {
		part.Type = p.defaultType(part.Type, h)
	}
	part.Charset = strings.ToLower(strings.Trim(media.get("charset"), " \t\"'"))
	part.Flowed = part.Type == "text/plain" && strings.EqualFold(media.get("format"), "flowed")
	part.DelSp = part.Flowed && strings.EqualFold(media.get("delsp"), "yes")
	part.Encoding = p.transferEncoding(h.get("content-transfer-encoding"), part)

	disposition := parseMedia(h.get("content-disposition"))
	switch {
	case disposition.value == "inline":
		part.Disposition = "inline"
	case disposition.value != "":
		// RFC 2183 §2.8: an unknown disposition is an attachment.
		part.Disposition = "attachment"
	}
	name := disposition.raw("filename")
	if len(name) == 0 {
		name = media.raw("name")
	}
	if len(name) == 0 {
		name = disposition.raw("name")
	}
	if len(name) == 0 {
		name = media.raw("filename")
	}
	p.setFilename(part, name)
	part.ContentID = contentID(h.get("content-id"))
	part.Location = clip(string(bytes.Join(bytes.Fields(h.get("content-location")), nil)), 2000)
	part.Location = validText(part.Location)
	return media
}

// defaultType is the type of a part that declares none (RFC 2046 §5.1.5), or one without "/".
func (p *parser) defaultType(declared string, h header) string {
	if declared != "" {
		p.defects.add("A content type could not be read; the part was taken as text.")
	}
	switch {
	case declared == "html":
		return "text/html"
	case declared == "multipart":
		return "multipart/mixed"
	case len(p.open) > 0 && p.open[len(p.open)-1].digest && declared == "":
		return "message/rfc822"
	}
	return "text/plain"
}

// encodingMarks are the characters that mailers put into the names of transfer encodings.
var encodingMarks = strings.NewReplacer("-", "", "_", "", " ", "")

// transferEncoding reads Content-Transfer-Encoding (RFC 2045 §6.1).
//
// QUIRK: seen in mail: "7-bit", "8 bit", "base64;", "\"quoted-printable\"", "B", comments.
func (p *parser) transferEncoding(raw []byte, part *Part) string {
	v := string(raw)
	if i := strings.IndexAny(v, ";("); i >= 0 {
		v = v[:i]
	}
	v = strings.ToLower(strings.Trim(v, " \t\"'.,"))
	if strings.ContainsAny(v, "-_ ") {
		v = encodingMarks.Replace(v)
	}
	var encoding string
	switch v {
	case "base64", "b", "b64":
		encoding = "base64"
	case "quotedprintable", "quotedprintible", "qp", "q":
		encoding = "quoted-printable"
	case "xuuencode", "uuencode", "xuue", "uue":
		encoding = "uuencode"
	case "xyencode", "xyenc", "yenc":
		encoding = "yenc"
	case "", "7bit", "8bit", "binary", "7bits", "8bits", "none", "ascii", "usascii", "utf8":
	default:
		p.defects.add("A transfer encoding is unknown; the part was left as it is.")
	}
	switch {
	case encoding == "" || strings.HasPrefix(part.Type, "multipart/"):
		return "" // RFC 2045 §6.4: no encoding of a multipart
	case strings.HasPrefix(part.Type, "message/"):
		// QUIRK: the encoding is that of the message inside.
		line, _ := cutLine(p.s.buf[p.s.pos:min(p.s.end, p.s.pos+512)])
		if _, _, ok := splitField(line); ok {
			return ""
		}
	}
	return encoding
}

// setFilename decodes and cleans a declared name.
func (p *parser) setFilename(part *Part, name []byte) {
	if len(name) == 0 {
		return
	}
	text, sure := decodeWords(name, "")
	if !sure {
		p.rawNames = append(p.rawNames, rawName{part, bytes.Clone(name)})
	}
	part.Filename = safeFilename(text)
}

// contentID reads Content-ID; QUIRK: with or without the brackets, quoted, with blanks inside.
func contentID(raw []byte) string {
	id := strings.Trim(string(raw), " \t\"")
	if i := strings.IndexByte(id, '<'); i >= 0 {
		id = id[i+1:]
	}
	if i := strings.IndexByte(id, '>'); i >= 0 {
		id = id[:i]
	}
	return validText(clip(strings.Join(strings.Fields(id), ""), 1000))
}

// flags decides what is listed as an attachment and what is shown inside the text. parent is the
// type of the multipart around the part; seen tells that a text came before.
func (p *Part) flags(parent string, seen *bool) {
	switch {
	case strings.HasPrefix(p.Type, "multipart/"):
	case p.isBody():
		// A named text after the first is shown, and can be saved as well.
		p.Attachment = *seen && p.Filename != "" && parent != "multipart/alternative"
		*seen = true
	default:
		p.Attachment = true
	}
	image := strings.HasPrefix(p.MediaType(), "image/")
	if p.Attachment && image {
		p.Inline = p.Disposition == "inline" || p.ContentID != "" || p.Location != ""
	}
	if p.Attachment && parent == "multipart/related" && (p.ContentID != "" || p.Location != "") {
		p.Inline = true
	}
	for _, child := range p.Parts {
		child.flags(p.Type, seen)
	}
}

// isBody tells whether the part is text that is shown as such.
func (p *Part) isBody() bool {
	if p.Disposition == "attachment" {
		return false
	}
	switch p.Type {
	case "text/plain", "text/html":
		return true
	case "text/enriched", "text/richtext", "text/x-markdown", "text/markdown", "text/unknown", "text/watch-html":
		return p.Filename == ""
	}
	return false
}

// isReport tells the parts that mail systems write for each other, in plain text (RFC 3464, 3798,
// 5965, 6522).
func (p *Part) isReport() bool {
	switch p.Type {
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
		"message/global-disposition-notification", "message/feedback-report", "text/rfc822-headers",
		"message/global-headers":
		return true
	}
	return false
}
