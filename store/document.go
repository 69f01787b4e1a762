package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/internal/message"
	"postern/internal/query"
)

// document is one message on its way into the index.
type document struct {
	message  MessageID
	user     UserID
	received int64
	doc      int64  // its number in the index
	words    string // its terms, each once: what a shard has of it
	head     string // and what the head table has
	links    []byte // see packLinks
	remove   bool   // the message is gone
}

// document reads what is searched of a message and cuts it into terms. The error matches
// ErrDamaged where what was read of the message is damaged.
func (s *Store) document(ctx context.Context, id MessageID) (document, error) {
	d := document{message: id}
	var t texts
	var account AccountID
	var attachments int
	_, err := one(ctx, s.data.read, func(row scanner) (struct{}, error) {
		return struct{}{}, row.Scan(&d.user, &d.received, &account, &attachments, &t.subject, &t.stored, &t.text)
	}, `SELECT m.user_id, m.received, coalesce(m.account_id, 0), m.attachments, m.subject, `+storedReading+`, r.text
		FROM messages m JOIN readings r ON r.message_id = m.id WHERE m.id = ? AND m.mailbox <> ?`, id, Purged)
	if errors.Is(err, ErrNotFound) {
		d.remove = true
		return d, nil
	}
	if err != nil {
		return d, err
	}
	if attachments > 0 {
		t.attached = func() (string, error) { return s.attachedText(ctx, id) }
	}
	var words, head termSet
	var buf []byte
	var links []uint64
	for _, f := range query.Any.Parts() {
		text := t.field(f)
		links = query.AppendLinks(links, text)
		buf = query.AppendTerms(buf[:0], text)
		mark, inHead := fieldMarks[f], slices.Contains(query.Head.Parts(), f)
		for term := range strings.FieldsSeq(string(buf)) {
			words.add(term)
			if mark != "" {
				words.add(mark + term)
			}
			if inHead {
				head.add(mark + term)
			}
		}
	}
	marks := []string{accountMark(account)}
	if attachments > 0 {
		marks = append(marks, attachmentMark)
	}
	for _, mark := range marks {
		words.add(mark)
		head.add(mark)
	}
	d.words, d.head, d.links = words.String(), head.String(), packLinks(links)
	return d, t.err
}

// termSet is a row of an FTS5 table: terms between blanks, none of them twice.
type termSet struct {
	strings.Builder
	seen map[string]struct{}
}

func (s *termSet) add(term string) {
	if _, seen := s.seen[term]; seen {
		return
	}
	if s.seen == nil {
		s.seen = map[string]struct{}{}
	}
	s.seen[term] = struct{}{}
	s.WriteString(term)
	s.WriteByte(' ')
}

// Marks are terms for what never changes of a message and narrows a search: FTS5 puts
// them together with words faster than SQL can. No text has such a term: it begins with
// a private character, which query.Terms leaves out.
const attachmentMark = "\ue000attachment"

func accountMark(id AccountID) string { return fmt.Sprintf("\ue000account%d", id) }

// fieldMarks stand before the terms of fields that are short and searched by themselves,
// which are in the index once more with them. That a term stands in the body or in an
// attachment is seen in the text.
var fieldMarks = map[query.Field]string{
	query.Subject: "\ue001", query.From: "\ue002", query.Recipient: "\ue003", query.Cc: "\ue003", query.Bcc: "\ue003",
	query.List: "\ue004", query.Filename: "\ue005",
}

// texts are the texts of one message that a search looks into, made of its rows when
// they are asked for.
type texts struct {
	subject  string
	stored   []byte // see unpackReading
	text     []byte
	attached func() (string, error) // the text in attachments; nil: there are none
	err      error                  // why a text could not be read

	reading  *reading
	envelope *message.Envelope
	body     *string
}

// field gives the text of a field; "" after an error.
func (t *texts) field(f query.Field) string {
	switch f {
	case query.Subject:
		return t.subject
	case query.Body:
		return t.bodyText()
	case query.Filename:
		return t.filenames()
	case query.Attached:
		return t.attachedText()
	}
	e := t.parsedEnvelope()
	switch f {
	case query.From:
		return addressText(e.From, e.Sender, e.ReplyTo)
	case query.Recipient:
		return addressText(e.To, e.Cc, e.Bcc)
	case query.Cc:
		return addressText(e.Cc)
	case query.Bcc:
		return addressText(e.Bcc)
	case query.List:
		return e.ListID
	}
	return ""
}

func (t *texts) parsedEnvelope() *message.Envelope {
	if t.envelope == nil {
		e, err := t.unpacked().parsedEnvelope()
		t.note(err)
		t.envelope = &e
	}
	return t.envelope
}

func (t *texts) unpacked() *reading {
	if t.reading == nil {
		r, err := unpackReading(t.stored)
		t.note(err)
		t.reading = &r
	}
	return t.reading
}

func (t *texts) bodyText() string {
	if t.body == nil {
		octets, err := unpackText(t.text)
		t.note(err)
		body := string(octets)
		t.body = &body
	}
	return *t.body
}

func (t *texts) attachedText() string {
	if t.attached == nil {
		return ""
	}
	text, err := t.attached()
	t.note(err)
	return text
}

func (t *texts) filenames() string {
	root, err := t.unpacked().root()
	if err != nil {
		t.note(err)
		return ""
	}
	var names []string
	for _, p := range root.Attachments() {
		names = append(names, p.Filename)
	}
	return strings.Join(names, "\n")
}

func (t *texts) note(err error) {
	if t.err == nil {
		t.err = err
	}
}

func addressText(lists ...[]message.Address) string {
	var b strings.Builder
	for _, list := range lists {
		for _, a := range list {
			fmt.Fprintf(&b, "%s\n%s\n", a.Name, a.Address)
		}
	}
	return b.String()
}
