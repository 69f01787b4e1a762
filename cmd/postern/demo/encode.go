package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// writeEntity writes the header and the body of a message or a part (RFC 2045 §2.4).
// charset is the one that the header fields' words are encoded in unless the entity
// declares its own.
func writeEntity(out *bytes.Buffer, fields []field, charset, body string) error {
	mediaType, params, err := mime.ParseMediaType(contentType(fields))
	if err != nil {
		return fmt.Errorf("Content-Type: %w", err)
	}
	if params["charset"] != "" {
		charset = params["charset"]
	}
	if charset == "" {
		charset = "utf-8"
	}
	leaf := !strings.HasPrefix(mediaType, "multipart/") && mediaType != "message/rfc822"
	var octets []byte
	if leaf {
		if octets, err = content(fields, params["charset"], body); err != nil {
			return err
		}
		if find(fields, "Content-Transfer-Encoding") == "" && !isASCII(string(octets)) {
			fields = append(slices.Clip(fields), field{"Content-Transfer-Encoding", "8bit"})
		}
	}
	if err := writeHeader(out, fields, charset); err != nil {
		return err
	}
	switch {
	case leaf:
		return writeEncoded(out, find(fields, "Content-Transfer-Encoding"), octets)
	case mediaType == "message/rfc822":
		inner, innerBody, err := split(body)
		if err != nil {
			return err
		}
		return writeEntity(out, inner, "", innerBody)
	default:
		return writeParts(out, params["boundary"], body)
	}
}

// writeHeader writes header fields and the empty line after them.
func writeHeader(out *bytes.Buffer, fields []field, charset string) error {
	for _, f := range withoutDemo(fields) {
		value, err := encodeField(f, charset)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\r\n", f.name, value)
	}
	out.WriteString("\r\n")
	return nil
}

// contentType returns the declared type, or what RFC 2045 §5.2 says in its absence.
func contentType(fields []field) string {
	if declared := find(fields, "Content-Type"); declared != "" {
		return declared
	}
	return "text/plain"
}

// content returns a part's octets before its transfer encoding.
func content(fields []field, charset, body string) ([]byte, error) {
	if name := find(fields, "X-Demo-File"); name != "" {
		return makeFile(name)
	}
	octets, err := encodeCharset(body, charset)
	return crlf(octets), err
}

// writeParts writes the body of a multipart: its parts and the delimiters between them
// (RFC 2046 §5.1).
func writeParts(out *bytes.Buffer, boundary, body string) error {
	if !strings.HasSuffix(body, "\n") { // a part's last one belongs to the delimiter
		body += "\n"
	}
	preamble, rest, ok := strings.Cut(body, "--"+boundary+"\n")
	if !ok {
		return fmt.Errorf("no part begins with --%s", boundary)
	}
	all, epilogue, ok := strings.Cut(rest, "\n--"+boundary+"--\n")
	if !ok {
		return fmt.Errorf("no end --%s--", boundary)
	}
	out.Write(crlf([]byte(preamble)))
	for part := range strings.SplitSeq(all, "\n--"+boundary+"\n") {
		fields, text, err := split(part)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "--%s\r\n", boundary)
		if err := writeEntity(out, fields, "", text); err != nil {
			return err
		}
		out.WriteString("\r\n")
	}
	fmt.Fprintf(out, "--%s--\r\n", boundary)
	out.Write(crlf([]byte(epilogue)))
	return nil
}

// writeEncoded writes octets in a transfer encoding (RFC 2045 §6).
func writeEncoded(out *bytes.Buffer, encoding string, octets []byte) error {
	switch strings.ToLower(encoding) {
	case "base64":
		text := base64.StdEncoding.EncodeToString(octets)
		for len(text) > 76 {
			out.WriteString(text[:76] + "\r\n")
			text = text[76:]
		}
		out.WriteString(text + "\r\n")
		return nil
	case "quoted-printable":
		w := quotedprintable.NewWriter(out)
		if _, err := w.Write(octets); err != nil {
			return err
		}
		return w.Close()
	default:
		out.Write(octets)
		return nil
	}
}

// encodeField returns a field's value with the words outside ASCII encoded (RFC 2047).
// In address fields these are the display names only.
func encodeField(f field, charset string) (string, error) {
	switch f.name {
	case "From", "To", "Cc", "Reply-To", "Sender":
		mailboxes := strings.Split(f.value, ", ")
		for i, mailbox := range mailboxes {
			name, addr, ok := strings.Cut(mailbox, " <")
			if !ok {
				continue
			}
			encoded, err := encodeWords(name, charset)
			if err != nil {
				return "", err
			}
			mailboxes[i] = encoded + " <" + addr
		}
		return strings.Join(mailboxes, ",\r\n\t"), nil
	default:
		return encodeWords(f.value, charset)
	}
}

// encodeWords returns text as encoded words when it needs to be.
func encodeWords(text, charset string) (string, error) {
	if isASCII(text) {
		return text, nil
	}
	octets, err := encodeCharset(text, charset)
	return mime.BEncoding.Encode(charset, string(octets)), err
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// encodeCharset returns text in a charset; none means UTF-8.
func encodeCharset(text, charset string) ([]byte, error) {
	if charset == "" {
		return []byte(text), nil
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	octets, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	return octets, nil
}

// crlf returns text with LF made CRLF (RFC 5322 §2.3).
func crlf(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
