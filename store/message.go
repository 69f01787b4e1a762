package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/internal/message"
)

// Summary is what a list shows of a message.
type Summary struct {
	ID          MessageID
	Account     AccountID // 0: imported
	Thread      int64
	Mailbox     Mailbox
	Unread      bool
	Starred     bool
	Server      ServerState
	Received    time.Time // the order of lists
	Date        time.Time // the sender's; zero: none
	Size        int64     // octets
	From        message.Address
	Subject     string
	Snippet     string
	Attachments int
	Partial     bool // only the header is here; Size is what its server says
	Labels      []LabelID

	Conversation *Conversation // in a list of conversations; nil: it stands alone
}

const summaryColumns = `m.id, coalesce(m.account_id, 0), m.thread_id, m.mailbox, m.unread, m.starred, m.server,
	m.received, m.date, m.size, m.from_name, m.from_address, m.subject, m.snippet, m.attachments, m.partial, ` + labelsColumn

// labelsColumn are the labels of message m, as parseLabels takes them.
const labelsColumn = "(SELECT group_concat(label_id) FROM message_labels WHERE message_id = m.id)"

func parseLabels(list *string) (labels []LabelID, err error) {
	if list != nil {
		err = json.Unmarshal([]byte("["+*list+"]"), &labels)
	}
	return labels, err
}

func scanSummary(row scanner) (Summary, error) {
	var m Summary
	var received int64
	var date *int64
	var labels *string
	err := row.Scan(&m.ID, &m.Account, &m.Thread, &m.Mailbox, &m.Unread, &m.Starred, &m.Server,
		&received, &date, &m.Size, &m.From.Name, &m.From.Address, &m.Subject, &m.Snippet, &m.Attachments, &m.Partial, &labels)
	if err == nil {
		m.Labels, err = parseLabels(labels)
	}
	m.Received, m.Date = time.UnixMilli(received), fromMillis(date)
	return m, err
}

// Summary returns what a list shows of a message of a user, or ErrNotFound.
func (s *Store) Summary(ctx context.Context, user UserID, id MessageID) (Summary, error) {
	return one(ctx, s.data.read, scanSummary, "SELECT "+summaryColumns+" FROM messages m WHERE m.id = ? AND m.user_id = ? AND m.mailbox <> ?", id, user, Purged)
}

// Message is a message as its page shows it; the octets of its parts are read
// through [Store.Octets].
type Message struct {
	Summary
	Envelope  message.Envelope
	Structure *message.Part
	Defects   []string // what was wrong with it and how it was read
	Report    string   // sums up a delivery report or an invitation; mostly ""
	Text      string
}

// Message returns a message of a user, or ErrNotFound.
func (s *Store) Message(ctx context.Context, user UserID, id MessageID) (*Message, error) {
	m := &Message{}
	var stored, text []byte
	_, err := one(ctx, s.data.read, func(row scanner) (_ struct{}, err error) {
		m.Summary, err = scanSummary(trailing{row, []any{&stored, &m.Report, &text}})
		return struct{}{}, err
	}, "SELECT "+summaryColumns+", "+storedReading+`, r.report, r.text
		FROM messages m JOIN readings r ON r.message_id = m.id WHERE m.id = ? AND m.user_id = ? AND m.mailbox <> ?`, id, user, Purged)
	if err != nil {
		return nil, err
	}
	if err := m.take(stored); err != nil {
		return nil, fmt.Errorf("message %d: %w", id, err)
	}
	octets, err := unpackText(text)
	if err != nil {
		return nil, fmt.Errorf("text of message %d: %w", id, err)
	}
	m.Text = string(octets)
	return m, nil
}

// take fills in what was read of the message.
func (m *Message) take(stored []byte) error {
	r, err := unpackReading(stored)
	if err != nil {
		return err
	}
	var errs [3]error
	m.Envelope, errs[0] = r.parsedEnvelope()
	m.Structure, errs[1] = r.root()
	m.Defects, errs[2] = r.parsedDefects()
	return errors.Join(errs[:]...)
}

// HasMessage tells whether a message is a user's and not purged.
func (s *Store) HasMessage(ctx context.Context, user UserID, id MessageID) (bool, error) {
	return one(ctx, s.data.read, func(row scanner) (here bool, err error) {
		return here, row.Scan(&here)
	}, "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ? AND user_id = ? AND mailbox <> ?)", id, user, Purged)
}

// trailing scans a row whose last columns go elsewhere.
type trailing struct {
	scanner
	last []any
}

func (t trailing) Scan(dest ...any) error { return t.scanner.Scan(append(dest, t.last...)...) }

// Count is how many messages lie in a mailbox of an account.
type Count struct {
	Account AccountID // 0: imported
	Mailbox Mailbox
	Total   int
	Unread  int
}

// Counts returns a user's counters that are not zero.
func (s *Store) Counts(ctx context.Context, user UserID) ([]Count, error) {
	return collect(ctx, s.data.read, func(row scanner) (c Count, err error) {
		return c, row.Scan(&c.Account, &c.Mailbox, &c.Total, &c.Unread)
	}, "SELECT account_id, mailbox, total, unread FROM counts WHERE user_id = ? AND total > 0 AND mailbox <> ?", user, Purged)
}
