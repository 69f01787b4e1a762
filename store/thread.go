package store

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"postern/internal/message"
)

// Which messages are one conversation. Three things tie two messages, of whatever
// accounts: one names the other's Message-ID in References or In-Reply-To; both name the
// same third message, which need not be here; or a reply that names none has the
// other's subject (see subjectTies). Threads are what such ties connect, so that it does
// not matter in which order messages arrive: newest first, as a rule.

// subjectWindow is how far apart messages may be that only their subject ties.
const subjectWindow = 30 * 24 * time.Hour

// maxTies bounds how many messages of one subject are looked at.
const maxTies = 50

// maxThreadRefs bounds what one message can claim to refer to.
const maxThreadRefs = 100

// threadPlace is what of a message decides on its thread.
type threadPlace struct {
	user     UserID
	envelope message.Envelope
	received int64
	refs     [][]byte // hashed Message-IDs, its own first
	fresh    [][]byte // those of them that no message here has named
	subject  []byte   // hash of the subject without "Re:", nil: none that ties
	orphan   bool     // a reply that names no message
}

func (n *newMessage) threadPlace() threadPlace {
	e := n.Message.Envelope
	p := threadPlace{user: n.user, envelope: e, received: n.received, refs: threadRefs(e)}
	base, reply := message.BaseSubject(e.Subject)
	if len(base) > 0 {
		p.subject = threadRef("subject:" + strings.ToLower(base))
	}
	p.orphan = reply && len(e.InReplyTo) == 0 && len(e.References) == 0
	if n.Thread != "" {
		p.refs = append(p.refs, threadRef("thread:"+n.Thread))
		p.orphan = false
	}
	return p
}

// join returns the thread of a message that is about to be added, uniting those that it
// shows to be one; 0: it begins one.
func (p *threadPlace) join(t *tx) (int64, error) {
	var threads []int64
	p.fresh = nil
	for _, ref := range p.refs {
		var thread int64
		err := t.row("SELECT thread_id FROM thread_ids WHERE user_id = ? AND ref = ?", []any{p.user, ref}, &thread)
		switch {
		case err == nil:
			threads = append(threads, thread)
		case errors.Is(err, ErrNotFound):
			p.fresh = append(p.fresh, ref)
		default:
			return 0, err
		}
	}
	tied, err := p.subjectTies(t)
	if err != nil {
		return 0, err
	}
	threads = append(threads, tied...)
	if len(threads) == 0 {
		return 0, nil
	}
	first := threads[0]
	slices.Sort(threads)
	for _, other := range slices.Compact(threads) {
		if other == first {
			continue
		}
		for _, q := range []string{"UPDATE messages SET thread_id = ? WHERE thread_id = ?", "UPDATE thread_ids SET thread_id = ? WHERE thread_id = ?"} {
			if _, err := t.exec(q, first, other); err != nil {
				return 0, err
			}
		}
	}
	return first, nil
}

// take notes which thread the message's ids stand for.
func (p *threadPlace) take(t *tx, thread int64) error {
	for _, ref := range p.fresh {
		// A message may name another twice.
		if _, err := t.exec("INSERT INTO thread_ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING", p.user, ref, thread); err != nil {
			return err
		}
	}
	return nil
}

// sameSubject names its index because SQLite, left to itself, reads all mail of the window.
const sameSubject = "SELECT m.thread_id, " + storedReading + ` FROM messages m INDEXED BY messages_subject JOIN readings r ON r.message_id = m.id
	WHERE m.user_id = ? AND m.thread_subject = ? AND m.thread_orphan >= ? AND m.received BETWEEN ? AND ? LIMIT ?`

// subjectTies returns the threads of messages that the subject ties to this one. RFC 5256
// §3 goes by the subject alone; that makes one thread of all mail called "Invoice". Here
// one of the two must be a reply that names no message, they must be close in time, and
// one must be written by somebody the other is from or to, or both come from one list.
func (p *threadPlace) subjectTies(t *tx) ([]int64, error) {
	if p.subject == nil {
		return nil, nil
	}
	window := subjectWindow.Milliseconds()
	type candidate struct {
		thread int64
		stored []byte
	}
	candidates, err := txRows(t, func(row scanner) (c candidate, err error) {
		return c, row.Scan(&c.thread, &c.stored)
	}, sameSubject, p.user, p.subject, !p.orphan, p.received-window, p.received+window, maxTies)
	if err != nil {
		return nil, err
	}
	var threads []int64
	for _, c := range candidates {
		r, err := unpackReading(c.stored)
		if err != nil {
			continue // a damaged reading keeps no mail from coming
		}
		if e, err := r.parsedEnvelope(); err == nil && related(p.envelope, e) {
			threads = append(threads, c.thread)
		}
	}
	return threads, nil
}

// related tells whether two messages have people in common: the writer of one wrote the
// other too or received it.
func related(a, b message.Envelope) bool {
	if a.ListID != "" && a.ListID == b.ListID {
		return true
	}
	return among(a.From, b) || among(b.From, a)
}

func among(writers []message.Address, e message.Envelope) bool {
	return slices.ContainsFunc(writers, func(w message.Address) bool {
		return w.Address != "" && slices.ContainsFunc(slices.Concat(e.From, e.To, e.Cc), func(a message.Address) bool {
			return strings.EqualFold(w.Address, a.Address)
		})
	})
}

// threadRefs are the hashed Message-IDs of a message and of its ancestors. QUIRK: some
// mailers write into In-Reply-To whom they answer, "Ann's message <ann@example.com>": an
// address of the message is no Message-ID.
func threadRefs(e message.Envelope) [][]byte {
	var refs [][]byte
	for _, ids := range [][]string{{e.MessageID}, e.InReplyTo, e.References} {
		for _, id := range ids {
			if id != "" && len(refs) < maxThreadRefs && !among([]message.Address{{Address: id}}, e) {
				refs = append(refs, threadRef(id))
			}
		}
	}
	return refs
}

// threadRef is what the store keeps of an id.
func threadRef(id string) []byte {
	h := sha256.Sum256([]byte(id))
	return h[:16]
}
