package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// LabelID identifies a label of one user.
type LabelID int64

// Label is a name that a person gives to messages.
type Label struct {
	ID     LabelID
	Name   string
	Colour int // 0 to 9
	Total  int // messages with it, without those in Junk and Trash
	Unread int // of these
}

// Bounds of labels.
const (
	maxLabelName = 100 // octets
	maxLabels    = 1000
)

// Errors of labels.
var (
	ErrLabelName  = fmt.Errorf("a label needs a name of at most %d octets, and not only dots", maxLabelName)
	ErrLabelTaken = errors.New("there is a label of that name")
	ErrManyLabels = fmt.Errorf("there are %d labels already", maxLabels)
)

// labelName is a label's name without blanks that nobody sees, and what two labels of
// the same name have in common. A name stands in addresses ("/mail/label/Work/2026"),
// where parts of only dots have another meaning.
func labelName(name string) (shown, folded string, err error) {
	shown = labelWords(name)
	if shown == "" || len(shown) > maxLabelName || !utf8.ValidString(shown) {
		return "", "", ErrLabelName
	}
	for part := range strings.SplitSeq(shown, "/") {
		if strings.Trim(part, ".") == "" {
			return "", "", ErrLabelName
		}
	}
	return shown, foldLabel(shown), nil
}

// labelWords is a name with one blank between its words and nothing that cannot be seen.
func labelWords(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// foldLabel is what two spellings of a label have in common: neither case nor, as in
// label:to-do for "To do", the sign between words tells labels apart.
func foldLabel(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return ' '
		}
		return unicode.ToLower(r)
	}, labelWords(name))
}

func scanLabel(row scanner) (l Label, err error) {
	return l, row.Scan(&l.ID, &l.Name, &l.Colour, &l.Total, &l.Unread)
}

const selectLabel = "SELECT id, name, colour, total, unread FROM labels "

// Labels returns a user's labels by name, with their counters.
func (s *Store) Labels(ctx context.Context, user UserID) ([]Label, error) {
	return collect(ctx, s.data.read, scanLabel, selectLabel+"WHERE user_id = ? ORDER BY folded", user)
}

// LabelNamed returns the label of that name, in any spelling that means it, or
// ErrNotFound.
func (s *Store) LabelNamed(ctx context.Context, user UserID, name string) (Label, error) {
	return one(ctx, s.data.read, scanLabel, selectLabel+"WHERE user_id = ? AND folded = ?", user, foldLabel(name))
}

// AddLabel makes a new label. Returns ErrLabelName for a name that cannot be one,
// ErrLabelTaken if there is one of that name, ErrManyLabels beyond the bound.
func (s *Store) AddLabel(ctx context.Context, user UserID, name string, colour int) (LabelID, error) {
	var id LabelID
	err := s.write(ctx, func(t *tx) error {
		if _, err := labelID(t, user, name); err == nil {
			return ErrLabelTaken
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		var err error
		id, err = insertLabel(t, user, name, colour)
		return err
	})
	return id, err
}

// ChangeLabel gives a label another name and colour. Returns ErrNotFound, or what
// [Store.AddLabel] does.
func (s *Store) ChangeLabel(ctx context.Context, user UserID, id LabelID, name string, colour int) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.row("SELECT id FROM labels WHERE id = ? AND user_id = ?", []any{id, user}, &id); err != nil {
			return err
		}
		shown, folded, err := labelName(name)
		if err != nil {
			return err
		}
		if other, err := labelID(t, user, name); err == nil && other != id {
			return ErrLabelTaken
		} else if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		_, err = t.exec("UPDATE labels SET name = ?, folded = ?, colour = ? WHERE id = ?", shown, folded, colour, id)
		return err
	})
}

// RemoveLabel takes a label off all its messages, which stay, and removes it. Returns
// ErrNotFound if the user has no such label.
func (s *Store) RemoveLabel(ctx context.Context, user UserID, id LabelID) error {
	for taken := int64(1); taken > 0; {
		err := s.write(ctx, func(t *tx) (err error) {
			if err := t.row("SELECT id FROM labels WHERE id = ? AND user_id = ?", []any{id, user}, &id); err != nil {
				return err
			}
			taken, err = t.exec(`DELETE FROM message_labels WHERE message_id IN
				(SELECT message_id FROM message_labels WHERE label_id = ?1 LIMIT ?2) AND label_id = ?1`, id, actionStep)
			if err == nil && taken == 0 {
				_, err = t.exec("DELETE FROM labels WHERE id = ?", id)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Label puts a label on messages, or takes it off; the label is made if it is put on and
// there is none of that name. Ids that need no change are passed over, as by [Store.Act].
// Returns ErrNotFound for a label to take off that does not exist, and what
// [Store.AddLabel] does.
func (s *Store) Label(ctx context.Context, user UserID, name string, on bool, ids []MessageID) (Done, error) {
	var label LabelID
	err := s.write(ctx, func(t *tx) (err error) {
		label, err = labelID(t, user, name)
		if on && errors.Is(err, ErrNotFound) {
			label, err = insertLabel(t, user, name, nextColour)
		}
		return err
	})
	if err != nil {
		return Done{}, fmt.Errorf("label %q: %w", name, err)
	}
	deed := "unlabel:" + name
	if on {
		deed = "label:" + name
	}
	return s.actOn(ctx, user, deed, ids, func(t *tx, id MessageID) (undoable, bool, error) {
		before := change{ID: id, Label: label}
		err := t.row(`SELECT EXISTS (SELECT 1 FROM message_labels WHERE message_id = m.id AND label_id = ?)
			FROM messages m WHERE m.id = ? AND m.user_id = ? AND m.mailbox <> ?`, []any{label, id, user, Purged}, &before.Labelled)
		if err == nil && before.Labelled == on {
			err = ErrNotFound
		}
		if err != nil {
			return undoable{}, false, err
		}
		after := before
		after.Labelled = on
		return undoable{before, after}, false, putLabel(t, user, id, label, on)
	})
}

// addLabel puts the label of a name on a message, and makes it if need be.
func addLabel(t *tx, user UserID, id MessageID, name string) error {
	label, err := labelID(t, user, name)
	if errors.Is(err, ErrNotFound) {
		label, err = insertLabel(t, user, name, nextColour)
	}
	if err != nil {
		return fmt.Errorf("label %q: %w", name, err)
	}
	return putLabel(t, user, id, label, true)
}

// putLabel puts a label on a message or takes it off. A label that was removed meanwhile
// is not put on.
func putLabel(t *tx, user UserID, id MessageID, label LabelID, on bool) error {
	q := "DELETE FROM message_labels WHERE message_id = ?1 AND label_id IN (SELECT id FROM labels WHERE id = ?2 AND user_id = ?3)"
	if on {
		q = `INSERT INTO message_labels SELECT l.id, m.mailbox IN (1, 2), m.received, m.id, m.unread FROM messages m, labels l
			WHERE m.id = ?1 AND l.id = ?2 AND l.user_id = ?3 ON CONFLICT DO NOTHING`
	}
	_, err := t.exec(q, id, label, user)
	return err
}

// labelID finds a label by its name.
func labelID(t *tx, user UserID, name string) (id LabelID, err error) {
	return id, t.row("SELECT id FROM labels WHERE user_id = ? AND folded = ?", []any{user, foldLabel(name)}, &id)
}

// nextColour lets insertLabel take the next colour in turn.
const nextColour = -1

// insertLabel makes a label.
func insertLabel(t *tx, user UserID, name string, colour int) (LabelID, error) {
	shown, folded, err := labelName(name)
	if err != nil {
		return 0, err
	}
	var count int
	if err := t.row("SELECT count(*) FROM labels WHERE user_id = ?", []any{user}, &count); err != nil {
		return 0, err
	}
	if count >= maxLabels {
		return 0, ErrManyLabels
	}
	if colour == nextColour {
		colour = count % 10
	}
	id, err := t.insert("INSERT INTO labels (user_id, name, folded, colour, created) VALUES (?, ?, ?, ?, ?)", user, shown, folded, colour, t.now)
	return LabelID(id), err
}
