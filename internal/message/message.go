// Package message reads any octets that call themselves mail.
//
// [Parse] makes one forward pass over an [io.ReaderAt] with a bounded buffer and returns the
// envelope, a tree of [Part] values that hold offsets into the raw message, the text as a person
// reads it, and a list of defects in sentences. Content never makes it fail: what is broken is
// read the way it was most likely meant, and the defects say so.
//
// A tree is stored as JSON beside the message. A part is served later by [Part.Open], which seeks
// and decodes and does not parse again.
package message

import (
	"io"
	"time"
)

// Message is what a reader needs of a raw message.
type Message struct {
	Envelope Envelope
	Root     *Part
	// Text is the message as a person reads it: its text/plain parts, or its HTML turned into
	// text where there is none, and below them the text of enclosed messages. Valid UTF-8, "\n"
	// line ends, at most maxText octets.
	Text string
	// HTML is the decoded HTML as sent, in UTF-8; "" when HasHTML is false.
	HTML    string
	HasHTML bool
	// Snippet is the beginning of Text in one line, without quotations, at most 160 characters.
	Snippet string
	// Report sums up a delivery report, a read receipt or an invitation in a sentence; mostly "".
	Report string
	// Defects says in sentences what was wrong and how it was read.
	Defects []string
}

// Envelope is the message's own account of who, when and what (RFC 5322 §3.6).
type Envelope struct {
	From, Sender, ReplyTo, To, Cc, Bcc []Address
	Subject                            string
	// Date is the Date field in the sender's zone; zero when there is no readable one.
	Date time.Time
	// Received is the time in the topmost Received field; zero when there is none.
	Received time.Time
	// MessageID, InReplyTo and References are without the angle brackets.
	MessageID  string
	InReplyTo  []string
	References []string
	// ListID is the identifier of the mailing list (RFC 2919), without the angle brackets.
	ListID string
	// Unsubscribe holds the addresses of List-Unsubscribe (RFC 2369): mailto: and https: URLs.
	Unsubscribe []string
	// OneClick tells that the https address takes a POST without further questions (RFC 8058).
	OneClick bool
	// AuthResults holds the topmost Authentication-Results field (RFC 8601), unfolded: the one
	// that the receiving server may have written. Whether its authserv-id is to be trusted is
	// for the caller to know.
	AuthResults string
}

// Address is one mailbox: a display name, decoded, and an address as written.
// Either may be empty, and an address need not hold an "@" (MAILER-DAEMON).
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Part is one node of the tree. Offsets count octets from the start of the raw message.
type Part struct {
	// Path is "1.2" for the second part in the first. A multipart root is "" and its parts are
	// "1", "2"; the root of a message in a single part is "1".
	Path string `json:"p"`
	// Type is the media type in lower case, "text/plain" where none or none readable is given.
	Type string `json:"t"`
	// Charset is the charset parameter as declared, in lower case; "" if there is none.
	Charset string `json:"cs,omitempty"`
	// Encoding is the transfer encoding to undo: "base64", "quoted-printable", "uuencode",
	// "yenc", "rtf" (Outlook's compression of it), or "" for none.
	Encoding string `json:"e,omitempty"`
	// Disposition is "attachment", "inline" or "" (RFC 2183).
	Disposition string `json:"d,omitempty"`
	// Filename is the declared name, decoded, without a path or control characters.
	Filename string `json:"n,omitempty"`
	// ContentID is without the angle brackets.
	ContentID string `json:"cid,omitempty"`
	// Location is the Content-Location field (RFC 2557).
	Location string `json:"loc,omitempty"`
	// Flowed and DelSp are the parameters of RFC 3676.
	Flowed bool `json:"fl,omitempty"`
	DelSp  bool `json:"ds,omitempty"`

	HeaderOffset int64 `json:"h"`
	BodyOffset   int64 `json:"b"`
	EndOffset    int64 `json:"x"`
	// InnerOffset and InnerSize select octets of the decoded body: a file inside a TNEF
	// attachment. InnerSize 0 means all of it.
	InnerOffset int64 `json:"io,omitempty"`
	InnerSize   int64 `json:"is,omitempty"`
	// Wrap is what the offsets count in, where that is not the raw message.
	Wrap *Wrap `json:"w,omitempty"`
	// Size counts the decoded octets.
	Size int64 `json:"s,omitempty"`
	// Attachment tells that the part is listed for the reader; Inline that it is meant to be
	// shown inside the text, as an image that the HTML names by Content-ID.
	Attachment bool `json:"a,omitempty"`
	Inline     bool `json:"i,omitempty"`

	// Parts are the parts of a multipart, the one message of a message/rfc822, the one part that an
	// opaque signature holds, or the files that stand uuencoded in the text.
	Parts []*Part `json:"parts,omitempty"`
}

// Parse reads the size octets of a raw message. The error is only ever the reader's own: no content fails.
func Parse(octets io.ReaderAt, size int64) (*Message, error) {
	raw := layered(octets)
	m, found, err := readTree(raw, size)
	if err != nil {
		return nil, err
	}
	m.Text = BodyText(m.Root, raw)
	m.HTML, m.HasHTML = bodyHTML(m.Root, raw, m.Text)
	m.Snippet = snippet(ownText(m, raw))
	m.Report = report(m.Root, raw)
	if raw.mislabelled {
		found.add("A text is not in the charset that it declares; it was guessed.")
	}
	m.Defects = found.sentences()
	return m, nil
}

// readTree reads everything but the texts.
func readTree(raw io.ReaderAt, size int64) (*Message, *defects, error) {
	p := newParser(raw, size)
	defer p.release()
	p.run()
	if err := p.err(); err != nil {
		return nil, nil, err
	}
	m := &Message{Root: p.root}
	p.finish(m)
	return m, &p.defects, nil
}
