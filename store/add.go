package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"postern/internal/message"
)

// Incoming is one retrieved and parsed message, ready to be remembered.
type Incoming struct {
	UID       string // unique-id, raw octets
	Octets    int64  // size in the scan listing; a hint, not the size of Raw
	Raw       io.ReaderAt
	Size      int64  // of Raw
	Header    []byte // fingerprint of the header without the fields that servers add
	Content   []byte // the same of header and body
	Message   *message.Message
	Unread    bool
	Retrieved time.Time

	Mailbox Mailbox // 0: Inbox
	Starred bool
	Labels  []string // names; those that do not exist are made

	// Only mail that is imported has these.
	Thread string // what another program called its conversation, unique for the user; or ""
	// Alike are the SHA-256 sums of the same message with other line ends.
	Alike [][sha256.Size]byte
}

// Outcome is what AddMessages made of one message.
type Outcome int

// The outcomes.
const (
	Added    Outcome = iota // a new message
	Proved                  // known already, and now proved to be the same
	Relinked                // known under a unique-id that the server has given up
	Known                   // imported, and here already
	Unfit                   // not stored: the database refuses it for what is in it, as Kept.Err says
)

// Kept is the result for one Incoming.
type Kept struct {
	ID      MessageID // 0: proved to be a message that was purged here, or Unfit
	Outcome Outcome
	Err     error // why it is Unfit

	Unlabelled []string // names that can be no label
}

// AddMessages stores messages of one account and returns when all of them are on
// disk, with one result each in the same order. Those that are Unfit are not stored; of
// the others either all are stored or, on an error, none.
//
// A unique-id that is known already is not added again: the same content proves it,
// other content makes it a new message (a server may use a unique-id again). A
// deletion that was confirmed is asked for again when its message proves to be back.
func (s *Store) AddMessages(ctx context.Context, a Account, in []Incoming) ([]Kept, error) {
	rows, err := s.prepareAll(ctx, a.User, a.ID, in)
	if err != nil {
		return nil, fmt.Errorf("add message: %w", err)
	}
	kept, err := s.keepAll(ctx, a, rows, false)
	if isUnfit(err) {
		kept, err = s.keepAll(ctx, a, rows, true)
	}
	if err != nil {
		return nil, fmt.Errorf("add messages: %w", err)
	}
	return kept, nil
}

// keepAll stores messages in one transaction. One that is found unfit fails them all, or,
// when each is tried apart, only itself.
func (s *Store) keepAll(ctx context.Context, a Account, rows []newMessage, apart bool) ([]Kept, error) {
	step := func(t *tx, n *newMessage, do func(*tx) error) error {
		switch {
		case n.unfit != nil:
			return nil
		case !apart:
			return do(t)
		}
		err := t.part(do)
		if isUnfit(err) {
			n.unfit, err = err, nil
		}
		return err
	}
	write := s.writeRepeatable
	if apart {
		write = s.write // unfit is said once
	}
	kept := make([]Kept, len(rows))
	err := write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		t.afterCommit(s.wakeIndexer)
		// All are compared before any is added: what one unique-id no longer stands for
		// may be what the next one does.
		for i := range rows {
			if err := step(t, &rows[i], rows[i].compare); err != nil {
				return err
			}
		}
		for i := range rows {
			runtime.Gosched() // as above
			err := step(t, &rows[i], func(t *tx) (err error) {
				kept[i], err = rows[i].keep(t)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for i := range rows {
		if err := rows[i].unfit; err != nil {
			kept[i] = Kept{Outcome: Unfit, Err: err}
		}
	}
	return kept, err
}

// newMessage is an Incoming with all that can be computed outside the transaction.
type newMessage struct {
	*Incoming
	user     UserID
	account  AccountID
	packed   packed
	received int64
	reading  []byte
	text     []byte
	known    bool // its unique-id is
	same     bool // as what is known under its unique-id
	partial  bool // only its header is here
	unfit    error
}

// errUnfit says that a message cannot be put into the form in which it is stored.
var errUnfit = errors.New("the message cannot be stored as it is")

// isUnfit tells whether a message was refused for what is in it. Others are no worse for
// it, while on a full disk or with a damaged file none could be stored.
func isUnfit(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return errors.Is(err, errUnfit)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		return true
	}
	return false
}

// prepareAll does for each message what needs no transaction.
func (s *Store) prepareAll(ctx context.Context, user UserID, account AccountID, in []Incoming) ([]newMessage, error) {
	rows := make([]newMessage, len(in))
	for i := range in {
		runtime.Gosched() // who waits for a page goes first
		p, err := s.packOctets(ctx, user, in[i].Raw, in[i].Size)
		if err == nil {
			rows[i], err = prepare(user, account, &in[i], p)
		}
		if isUnfit(err) {
			rows[i].unfit, err = err, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func prepare(user UserID, account AccountID, in *Incoming, p packed) (n newMessage, err error) {
	n = newMessage{Incoming: in, user: user, account: account, packed: p}
	n.received = received(in.Message.Envelope, in.Retrieved).UnixMilli()
	n.text = packText([]byte(in.Message.Text))
	r, err := newReading(in.Message)
	if err != nil {
		return n, fmt.Errorf("%w: %w", errUnfit, err)
	}
	n.reading = r.pack()
	return n, nil
}

// received is the time by which a message is ordered: the receiving server's, else
// the sender's if it can be true, else that of the download.
func received(e message.Envelope, retrieved time.Time) time.Time {
	earliest, latest := time.Date(1982, 1, 1, 0, 0, 0, 0, time.UTC), retrieved.Add(24*time.Hour)
	for _, t := range []time.Time{e.Received, e.Date} {
		if t.After(earliest) && t.Before(latest) {
			return t
		}
	}
	return retrieved
}

// compare looks at what is known under the unique-id: the same message, to be proved,
// or another one, from which the unique-id is parted.
func (n *newMessage) compare(t *tx) error {
	n.known, n.same = false, false
	var id *int64
	var known, content []byte
	err := t.row("SELECT message_id, sha256, content FROM unique_ids WHERE account_id = ? AND uidl = ?", []any{n.account, []byte(n.UID)}, &id, &known, &content)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	n.known = true
	switch {
	case bytes.Equal(known, n.packed.sha256[:]) || content != nil && bytes.Equal(content, n.Content):
		n.same = true
		return nil
	case known == nil:
		return nil
	}
	return n.replace(t, id)
}

func (n *newMessage) keep(t *tx) (Kept, error) {
	if n.same {
		return n.prove(t)
	}
	if n.known {
		if kept, err := n.complete(t); err == nil || !errors.Is(err, ErrNotFound) {
			return kept, err
		}
	}
	if kept, err := n.relink(t); err == nil || !errors.Is(err, ErrNotFound) {
		return kept, err
	}
	return n.add(t)
}

// replace parts the unique-id from the message it stood for: the server has another one
// there now, which must not go in its place.
func (n *newMessage) replace(t *tx, before *int64) error {
	for _, end := range []struct{ from, to DeletionState }{{Requested, Cancelled}, {Sending, Confirmed}, {Sent, Confirmed}} {
		_, err := t.exec("UPDATE deletions SET state = ?, changed = ?, reply = ? WHERE account_id = ? AND uidl = ? AND state = ?",
			end.to, t.now, "The server has another message under this unique-id now.", n.account, []byte(n.UID), end.from)
		if err != nil {
			return err
		}
	}
	if _, err := t.exec("UPDATE unique_ids SET message_id = NULL WHERE account_id = ? AND uidl = ?", n.account, []byte(n.UID)); err != nil || before == nil {
		return err
	}
	return refreshServer(t, MessageID(*before))
}

// prove notes that a unique-id still names the message it was retrieved under.
func (n *newMessage) prove(t *tx) (Kept, error) {
	var id MessageID
	err := t.row("SELECT coalesce(message_id, 0) FROM unique_ids WHERE account_id = ? AND uidl = ?", []any{n.account, []byte(n.UID)}, &id)
	if err != nil {
		return Kept{}, err
	}
	return Kept{ID: id, Outcome: Proved}, proveUID(t, n.account, n.UID, n.Octets)
}

// How relink looks among an account's unique-ids. The indexes are named because SQLite,
// left to itself, reads all of the account's rows for every message that comes.
const (
	relinkByContent = `SELECT coalesce(u.message_id, 0) FROM unique_ids u INDEXED BY unique_ids_content
		WHERE u.account_id = ? AND u.content = ? AND u.listed = 0
		AND NOT EXISTS (SELECT 1 FROM unique_ids o WHERE o.message_id = u.message_id AND o.listed = 1) LIMIT 1`
	relinkTombstone = `SELECT 0 FROM unique_ids INDEXED BY unique_ids_hash
		WHERE account_id = ? AND sha256 = ? AND listed = 0 AND message_id IS NULL LIMIT 1`
)

// relink gives a message a new unique-id when the server has given up the old one:
// the same octets in the same maildrop are not a second message. It may have been
// purged here: then the new unique-id is a tombstone too.
func (n *newMessage) relink(t *tx) (Kept, error) {
	var id int64
	err := t.row(`SELECT m.id FROM octets o JOIN messages m ON m.octets_id = o.id AND m.account_id = ?
		WHERE o.user_id = ? AND o.sha256 = ? AND o.complete = 1
		AND NOT EXISTS (SELECT 1 FROM unique_ids u WHERE u.message_id = m.id AND u.listed = 1) LIMIT 1`,
		[]any{n.account, n.user, n.packed.sha256[:]}, &id)
	if errors.Is(err, ErrNotFound) && n.Content != nil {
		// The same but for fields that the server has added or changed.
		err = t.row(relinkByContent, []any{n.account, n.Content}, &id)
	}
	if errors.Is(err, ErrNotFound) {
		err = t.row(relinkTombstone, []any{n.account, n.packed.sha256[:]}, &id)
	}
	if err != nil {
		return Kept{}, err
	}
	if err := n.link(t, id); err != nil {
		return Kept{}, err
	}
	return Kept{ID: MessageID(id), Outcome: Relinked}, refreshServer(t, MessageID(id))
}

// link makes the unique-id point to a message; 0: to none, as a tombstone. Nearly always
// the unique-id is new, and is inserted by a statement that can do nothing else: of one
// that may turn into an UPDATE, SQLite first copies every page aside that it changes.
func (n *newMessage) link(t *tx, id int64) error {
	added, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, message_id, sha256, header, content, octets, first_seen, listed, proved)
		VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?, ?, 1, 1) ON CONFLICT DO NOTHING`,
		n.account, []byte(n.UID), id, n.packed.sha256[:], n.Header, n.Content, n.Octets, t.now)
	if err != nil || added > 0 {
		return err
	}
	_, err = t.exec(`UPDATE unique_ids SET message_id = nullif(?, 0), sha256 = ?, header = ?, content = ?, octets = ?,
		listed = 1, proved = 1, tries = 0, trouble = '', wanted = 0 WHERE account_id = ? AND uidl = ?`,
		id, n.packed.sha256[:], n.Header, n.Content, n.Octets, n.account, []byte(n.UID))
	return err
}

// insertMessage adds the row. A message that begins a thread gives it its own id, the one
// that AUTOINCREMENT is about to take.
const insertMessage = `INSERT INTO messages (user_id, account_id, octets_id, thread_id, thread_subject, thread_orphan, mailbox, came_from, trashed,
	unread, starred, server, received, date, size, partial, from_name, from_address, subject, snippet, attachments)
	VALUES (?, nullif(?, 0), ?, coalesce(nullif(?, 0), (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'messages'), 1),
	?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (n *newMessage) add(t *tx) (Kept, error) {
	octets, err := insertOctets(t, n.user, n.packed)
	if err != nil {
		return Kept{}, err
	}
	e := n.Message.Envelope
	server := ServerPresent
	if n.account == 0 {
		server = ServerNone
	}
	size := n.packed.size
	if n.partial {
		size = n.Octets
	}
	var from message.Address
	if len(e.From) > 0 {
		from = e.From[0]
	}
	place := n.threadPlace()
	thread, err := place.join(t)
	if err != nil {
		return Kept{}, err
	}
	id, err := t.insert(insertMessage, n.user, n.account, octets, thread, place.subject, place.orphan, cmp.Or(n.Mailbox, Inbox), Inbox, t.trashed(n.Mailbox),
		n.Unread, n.Starred, server, n.received, millis(e.Date), size, n.partial, from.Name, from.Address, e.Subject, n.Message.Snippet, countAttachments(n.Message.Root))
	if err != nil {
		return Kept{}, err
	}
	if err := countAdded(t, n, cmp.Or(n.Mailbox, Inbox)); err != nil {
		return Kept{}, err
	}
	if err := place.take(t, cmp.Or(thread, id)); err != nil {
		return Kept{}, err
	}
	if err := n.insertReading(t, id); err != nil {
		return Kept{}, err
	}
	if !n.partial {
		if err := queueAttachments(t, id, n.Message.Root); err != nil {
			return Kept{}, err
		}
	}
	kept := Kept{ID: MessageID(id), Outcome: Added}
	switch {
	case n.partial:
		err = n.linkPartial(t, id)
	case n.account != 0:
		err = n.link(t, id)
	}
	if err != nil {
		return kept, err
	}
	kept.Unlabelled, err = addLabels(t, n.user, kept.ID, n.Labels)
	return kept, err
}

// countAdded counts a message that was added. No trigger does it: an INSERT that fires one
// may fail half-way, and SQLite would keep a copy of every page that it changes.
func countAdded(t *tx, n *newMessage, mailbox Mailbox) error {
	counted, err := t.exec("UPDATE counts SET total = total + 1, unread = unread + ? WHERE user_id = ? AND account_id = ? AND mailbox = ?",
		n.Unread, n.user, n.account, mailbox)
	if err == nil && counted == 0 {
		_, err = t.exec("INSERT INTO counts VALUES (?, ?, ?, 1, ?)", n.user, n.account, mailbox, n.Unread)
	}
	return err
}

// insertReading stores what was read of a message and has it indexed.
func (n *newMessage) insertReading(t *tx, id int64) error {
	_, err := t.exec("INSERT INTO readings (message_id, packed, envelope, structure, defects, report, text) VALUES (?, ?, '', '', '', ?, ?)",
		id, n.reading, n.Message.Report, n.text)
	if err == nil {
		_, err = t.exec("INSERT INTO index_queue (message_id) VALUES (?)", id)
	}
	return err
}

// countAttachments counts what a reader would call attachments: pictures inside
// the text are none.
func countAttachments(root *message.Part) int {
	count := 0
	for _, p := range root.Attachments() {
		if !p.Inline {
			count++
		}
	}
	return count
}
