package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"postern/internal/message"
)

// AttachmentReader reads the text out of attached documents.
type AttachmentReader interface {
	// Reads tells whether Read may find text in a part.
	Reads(*message.Part) bool
	// Read returns the text of a part of a raw message. An error that wraps ErrNotNow says
	// nothing of the part; any other is remembered, and the part is not read again.
	Read(ctx context.Context, part *message.Part, raw io.ReaderAt) (text string, err error)
	// Rest is called when there is nothing left to read for now.
	Rest()
}

// ErrNotNow says that attachments cannot be read at present, whatever they are.
var ErrNotNow = errors.New("attachments cannot be read now")

// Bounds of reading attachments.
const (
	maxAttachmentTries = 2       // how often Postern may end in the middle of one
	maxAttachedText    = 4 << 20 // octets of text that one message is found by
)

// RunAttachments reads the attachments of stored messages until ctx ends, one at a time.
// One process at a time may run it for a data directory.
func (s *Store) RunAttachments(ctx context.Context, r AttachmentReader) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	defer r.Rest()
	for {
		err := s.ReadAttachments(ctx, r)
		r.Rest()
		if ctx.Err() != nil {
			return nil
		}
		wait := tick.C
		if err != nil {
			s.log.Error("read attachments", "err", err)
			wait = time.After(time.Minute)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wait:
		}
	}
}

// waiting is a message whose attachments wait to be read.
type waiting struct {
	id      MessageID
	user    UserID
	reading []byte
}

func (w waiting) root() (*message.Part, error) {
	r, err := unpackReading(w.reading)
	if err != nil {
		return nil, err
	}
	return r.root()
}

// ReadAttachments reads the attachments of all messages that wait for it, those that came
// last first.
func (s *Store) ReadAttachments(ctx context.Context, r AttachmentReader) error {
	for {
		messages, err := collect(ctx, s.data.read, func(row scanner) (w waiting, err error) {
			return w, row.Scan(&w.id, &w.user, &w.reading)
		}, "SELECT m.id, m.user_id, "+storedReading+` FROM attachment_queue q JOIN messages m ON m.id = q.message_id
			JOIN readings r ON r.message_id = m.id ORDER BY q.message_id DESC LIMIT 20`)
		if err != nil || len(messages) == 0 {
			return err
		}
		var done []waiting
		for _, w := range messages {
			read, err := s.readAttachmentsOf(ctx, r, w)
			if err != nil {
				return fmt.Errorf("message %d: %w", w.id, err)
			}
			if done = append(done, w); read { // new mail may have come meanwhile, which goes first
				break
			}
		}
		if err := s.attachmentsRead(ctx, done); err != nil {
			return err
		}
	}
}

// readAttachmentsOf reads the documents of a message that were not read yet, and tells
// whether there were any.
func (s *Store) readAttachmentsOf(ctx context.Context, r AttachmentReader, w waiting) (any bool, err error) {
	root, err := w.root()
	if err != nil {
		s.log.Error("read attachments: the structure of a message is damaged", "message", w.id, "err", err)
		return false, nil
	}
	for _, part := range root.Attachments() {
		if !r.Reads(part) {
			continue
		}
		any = true
		begun, err := s.beginAttachment(ctx, w.id, part.Path)
		if err != nil {
			return any, err
		}
		if !begun {
			continue
		}
		octets, err := s.Octets(ctx, w.user, w.id)
		if errors.Is(err, ErrNotFound) {
			return any, nil // purged meanwhile
		}
		var text string
		if err == nil {
			if text, err = r.Read(ctx, part, octets); err == nil {
				err = octets.Err()
			}
		}
		if err := s.keepAttachment(ctx, w.id, part.Path, text, err); err != nil {
			return any, err
		}
	}
	return any, nil
}

// beginAttachment notes that a part is about to be read, and tells whether it is to be: not
// when that was done before, or has ended Postern too often.
func (s *Store) beginAttachment(ctx context.Context, id MessageID, part string) (begun bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec(`INSERT INTO attachment_texts (message_id, part, tries) SELECT id, ?, 1 FROM messages WHERE id = ?
			ON CONFLICT DO UPDATE SET tries = tries + 1 WHERE tries BETWEEN 1 AND ?`, part, id, maxAttachmentTries-1)
		begun = n > 0
		if err == nil && !begun {
			_, err = t.exec("UPDATE attachment_texts SET tries = 0, trouble = ? WHERE message_id = ? AND part = ? AND tries > 0",
				"Postern ended in the middle of reading it, more than once.", id, part)
		}
		return err
	})
	return begun, err
}

// keepAttachment keeps what reading a part has come to. Where that says nothing of the part,
// the error is returned and the part is still to be read.
func (s *Store) keepAttachment(ctx context.Context, id MessageID, part, text string, readErr error) error {
	var packed []byte
	var trouble string
	notNow := readErr != nil && (ctx.Err() != nil || errors.Is(readErr, ErrNotNow))
	switch {
	case notNow:
	case readErr != nil:
		trouble = readErr.Error()
		s.log.Debug("an attachment is not found by its text", "message", id, "part", part, "reason", readErr)
	case strings.TrimSpace(text) != "":
		packed = packText([]byte(text))
	}
	err := s.write(context.WithoutCancel(ctx), func(t *tx) error {
		if notNow {
			_, err := t.exec("DELETE FROM attachment_texts WHERE message_id = ? AND part = ? AND tries > 0", id, part)
			return err
		}
		_, err := t.exec("UPDATE attachment_texts SET tries = 0, text = ?, trouble = ? WHERE message_id = ? AND part = ?", packed, trouble, id, part)
		return err
	})
	if notNow {
		return errors.Join(readErr, err)
	}
	return err
}

// attachmentsRead takes messages out of the queue, and has those found by what was read.
func (s *Store) attachmentsRead(ctx context.Context, done []waiting) error {
	return s.write(ctx, func(t *tx) error {
		t.afterCommit(s.wakeIndexer)
		for _, w := range done {
			if _, err := t.exec("DELETE FROM attachment_queue WHERE message_id = ?", w.id); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO index_queue (message_id)
				SELECT ? WHERE EXISTS (SELECT 1 FROM attachment_texts WHERE message_id = ? AND text IS NOT NULL)`, w.id, w.id); err != nil {
				return err
			}
		}
		return nil
	})
}

// queueAttachments has the attachments of a message read.
func queueAttachments(t *tx, id int64, root *message.Part) error {
	if countAttachments(root) == 0 {
		return nil
	}
	_, err := t.exec("INSERT INTO attachment_queue VALUES (?) ON CONFLICT DO NOTHING", id)
	return err
}

// AttachmentText is what was read of an attachment.
type AttachmentText struct {
	Part    string // its path in the message
	Text    string
	Trouble string // why there is no text; "": there is some, or the part is empty
}

// attachmentTexts returns what was read of the attachments of a message, as far as the
// message is found by it.
func (s *Store) attachmentTexts(ctx context.Context, id MessageID) ([]AttachmentText, error) {
	left := maxAttachedText
	return collect(ctx, s.data.read, func(row scanner) (a AttachmentText, err error) {
		var packed []byte
		if err = row.Scan(&a.Part, &packed, &a.Trouble); err != nil || packed == nil || left == 0 {
			return a, err
		}
		text, err := unpackText(packed)
		if err != nil {
			return a, fmt.Errorf("text of attachment %s of message %d: %w", a.Part, id, err)
		}
		a.Text = strings.ToValidUTF8(string(text[:min(len(text), left)]), "")
		left -= len(a.Text)
		return a, nil
	}, "SELECT part, text, trouble FROM attachment_texts WHERE message_id = ? AND tries = 0 ORDER BY part", id)
}

// attachedText is the text of all attachments of a message.
func (s *Store) attachedText(ctx context.Context, id MessageID) (string, error) {
	all, err := s.attachmentTexts(ctx, id)
	var b strings.Builder
	for _, a := range all {
		b.WriteString(a.Text)
		b.WriteByte('\n')
	}
	return b.String(), err
}

// AttachmentTexts returns what was read of the attachments of a user's message.
func (s *Store) AttachmentTexts(ctx context.Context, user UserID, id MessageID) ([]AttachmentText, error) {
	if here, err := s.HasMessage(ctx, user, id); err != nil || !here {
		return nil, err
	}
	return s.attachmentTexts(ctx, id)
}
