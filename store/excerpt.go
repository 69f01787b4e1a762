package store

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"postern/internal/query"
)

// Excerpt is where in a message a search found something.
type Excerpt struct {
	Text string // a line of the text around it
	File string // the attachment that it stands in; "": the message's own text
}

// Bounds of excerpts.
const (
	excerptLength = 160       // characters
	excerptLook   = 256 << 10 // octets of one text that are looked through
)

// Excerpts returns what of the messages on a page shows why the search found them. Those
// that it found by subject, people or state alone have none.
func (s *Store) Excerpts(ctx context.Context, user UserID, q query.Query, page []Summary) (map[MessageID]Excerpt, error) {
	wanted := q.Wanted()
	if len(wanted) == 0 || len(page) == 0 {
		return nil, nil
	}
	hits := make([]hit, len(page))
	for i, m := range page {
		hits[i].id = m.ID
	}
	list, err := idList(hits)
	if err != nil {
		return nil, err
	}
	type candidate struct {
		id          MessageID
		attachments int
		texts       texts
	}
	// Attachments are read after the rows, not between them: a search never holds two connections of the pool.
	candidates, err := collect(ctx, s.data.read, func(row scanner) (*candidate, error) {
		var c candidate
		return &c, row.Scan(&c.id, &c.attachments, &c.texts.subject, &c.texts.stored, &c.texts.text)
	}, "SELECT m.id, m.attachments, m.subject, "+storedReading+`, r.text
		FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value JOIN readings r ON r.message_id = m.id WHERE m.user_id = ?`, list, user)
	if err != nil {
		return nil, fmt.Errorf("excerpts: %w", err)
	}
	all := make(map[MessageID]Excerpt, len(page))
	for _, c := range candidates {
		var e Excerpt
		if c.attachments > 0 {
			e, err = s.attachmentExcerpt(ctx, c.id, &c.texts, wanted)
			if errors.Is(err, ErrDamaged) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("excerpts: %w", err)
			}
		}
		if e.Text == "" {
			body := head(c.texts.bodyText())
			if _, ok := q.First(body, query.Body); ok {
				e.Text, _ = q.Snippet(body, excerptLength, query.Body)
			}
		}
		if c.texts.err == nil && e.Text != "" { // what is damaged has none
			all[c.id] = e
		}
	}
	return all, nil
}

// attachmentExcerpt looks in the attachments of a message for what nothing else of it has.
func (s *Store) attachmentExcerpt(ctx context.Context, id MessageID, t *texts, wanted []query.Text) (Excerpt, error) {
	attached, err := s.attachmentTexts(ctx, id)
	if err != nil {
		return Excerpt{}, err
	}
	for _, a := range attached {
		for _, w := range wanted {
			only := query.Query{Root: w}
			if _, ok := only.First(head(a.Text), query.Attached); !ok || w.Match(t.field) {
				continue // t has no attached texts: it is everything else
			}
			line, _ := only.Snippet(head(a.Text), excerptLength, query.Attached)
			return Excerpt{line, t.partName(a.Part)}, nil
		}
	}
	return Excerpt{}, nil
}

// head is the beginning of a text, as far as excerpts are looked for.
func head(text string) string {
	if len(text) <= excerptLook {
		return text
	}
	end := excerptLook
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// partName is the name of a part.
func (t *texts) partName(path string) string {
	root, err := t.unpacked().root()
	t.note(err)
	if p := root.Find(path); p != nil {
		return p.Name()
	}
	return ""
}
