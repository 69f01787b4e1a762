package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/pop3client"
	"postern/store"
)

// Reasons why a message that has come is not stored.
var (
	errEmpty      = errors.New(told("the server sent nothing for it"))
	errUnreadable = errors.New(told("Postern cannot read it, which is a fault of Postern's"))
	errUnfit      = errors.New(told("Postern cannot store it, which is a fault of Postern's"))
	errBrokeOff   = errors.New(told("the connection broke while it was on its way"))
)

// retriever retrieves messages and stores them in batches.
type retriever struct {
	*session
	ctx     context.Context
	coming  []entry     // asked for and not here yet, in the order in which they come
	spool   *spool      // of the message under way
	fell    string      // the message in which the last session broke off
	batch   batch       // what has come and is to be stored
	storing chan stored // the batch before it, on its way to the disk; nil: none
	handed  int         // messages handed over to be stored
	uids    []string    // of what was stored
}

// retrieve fetches and stores messages, newest first. One that the server refuses, that
// is larger than it said, or that cannot be read or stored for what is in it, is counted
// and passed over; trouble with our own disk ends the session.
func (s *session) retrieve(ctx context.Context, entries []entry) error {
	habits := s.habits(s.account.ID)
	entries = fallenLast(entries, habits.fell)
	r := s.newRetriever(ctx, entries)
	r.fell, habits.fell = habits.fell, ""
	defer r.close()
	var err error
	if s.hidesRetrieved() {
		err = r.oneByOne(entries)
	} else {
		err = r.inSlices(entries, slicing{count: 500, octets: func(e entry) int64 { return e.octets }}, retrievingEnds,
			func(step []entry, nums []int) error {
				r.coming = step
				return r.client.RetrAll(ctx, nums, r.open, r.done)
			})
	}
	// What came before a line was cut is whole and is kept.
	if flushErr := r.flush(); flushErr != nil && err == nil {
		err = flushErr
	}
	if proto := (*pop3client.ProtocolError)(nil); errors.As(err, &proto) {
		// The server may have answered more or less than it was asked, so that each
		// message came for the one beside it.
		err = errors.Join(err, s.Store.Doubt(context.WithoutCancel(ctx), s.account, r.uids))
	}
	return err
}

func (s *session) newRetriever(ctx context.Context, entries []entry) *retriever {
	r := &retriever{session: s, ctx: ctx}
	s.done, s.total = 0, len(entries)
	for _, e := range entries {
		s.expect += e.octets
	}
	s.progress("retrieving")
	return r
}

func (r *retriever) open(int) (io.Writer, error) {
	// What has come does not wait in memory while a large one is on its way.
	if r.batch.old() || len(r.batch.in) > 0 && r.coming[0].octets > memorySpool {
		if err := r.handOver(); err != nil {
			return nil, err
		}
	}
	r.spool = &spool{dir: r.Store.Dir(), limit: r.MaxSize, hint: r.coming[0].octets}
	return r.spool, nil
}

// done takes in one message that has come, or why it has not.
func (r *retriever) done(_ int, _ int64, err error) error {
	e, sp := r.coming[0], r.spool
	r.coming, r.spool = r.coming[1:], nil
	r.session.done++
	var refused *pop3client.Error
	switch {
	case err == nil && sp.size == 0 && e.octets > 2:
		if err := r.skip(e, errEmpty); err != nil {
			return err
		}
	case err == nil:
		if err := r.add(e, sp); err != nil {
			return err
		}
	case errors.Is(err, errTooBig), errors.As(err, &refused):
		if sp != nil {
			sp.close()
		}
		if err := r.skip(e, err); err != nil {
			return err
		}
	default:
		if sp != nil {
			sp.close()
		}
		return errors.Join(err, r.brokeOff(e, err))
	}
	return r.came()
}

// brokeOff notes the message in which the connection broke; the next session asks for it
// last. It counts as not fetched if it may be the cause: with nothing before it, or twice in a
// row. Else it is the line that has dropped somewhere.
func (r *retriever) brokeOff(e entry, cause error) error {
	r.habits(r.account.ID).fell = e.uid
	switch limit := (*pop3client.LimitError)(nil); {
	case errors.As(cause, &limit):
		return r.skip(e, cause)
	case r.ctx.Err() != nil, errors.Is(cause, errSpool):
		return nil // our own doing
	case !breaks(cause):
		return nil // what came before it could not be stored
	case r.session.done > 1 && e.uid != r.fell:
		return nil
	}
	return r.skip(e, errBrokeOff)
}

// breaks tells whether an error is one that ends a session and may be the fault of the message under way.
func breaks(err error) bool {
	var (
		limit   *pop3client.LimitError
		timeout *pop3client.TimeoutError
		proto   *pop3client.ProtocolError
	)
	return isConnection(err) || errors.As(err, &limit) || errors.As(err, &timeout) || errors.As(err, &proto)
}

// skip counts a message that could not be fetched or stored; it stays on the server.
func (r *retriever) skip(e entry, cause error) error {
	sentence := i18n.Key("Message %d could not be fetched and stays on the server: %v.")
	if errors.Is(cause, errUnfit) || errors.Is(cause, errUnreadable) {
		sentence = "Message %d could not be stored and stays on the server: %v."
	}
	r.record.Skipped++
	r.record.Remarks = append(r.record.Remarks, told(sentence, e.num, cause))
	if refused := (*pop3client.Error)(nil); errors.As(cause, &refused) && refused.Temporary() || e.uid == "" {
		return nil // trouble of the server's, not of this message
	}
	return r.Store.RetrievalFailed(context.WithoutCancel(r.ctx), r.account, e.uid, e.octets, cause.Error())
}

// add parses a message and hands the batch over when it is full.
func (r *retriever) add(e entry, sp *spool) error {
	r.batch.spools = append(r.batch.spools, sp)
	m, err := r.parse(sp)
	switch {
	case errors.Is(err, errUnreadable):
		sp.close()
		return r.skip(e, err)
	case err != nil:
		return fmt.Errorf("read back a retrieved message: %w", err)
	}
	header, content, err := identify(sp)
	if err != nil {
		return err
	}
	now := r.Store.Now()
	r.batch.add(e, store.Incoming{UID: e.uid, Octets: e.octets, Raw: sp, Size: sp.size, Header: header, Content: content, Message: m, Unread: !r.old(m, now), Retrieved: now}, sp)
	r.session.octets += sp.size
	r.progress("retrieving")
	full := batchSize
	if r.handed < 5*firstBatch {
		full = firstBatch
	}
	if len(r.batch.in) >= full || r.batch.octets >= r.batchLimit() || r.batch.old() {
		return r.handOver()
	}
	return nil
}

// parse reads a message. A message in which our own code fails costs itself and not the
// program, which would meet it again after each start.
func (s *session) parse(raw octets) (m *message.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("a message cannot be read", "account", s.account.ID, "panic", p, "stack", string(debug.Stack()))
			err = errUnreadable
		}
	}()
	return parseMessage(raw, raw.Size())
}

// parseMessage is message.Parse; a test may put one that fails in its place.
var parseMessage = message.Parse

// octets are what a message is read from.
type octets interface {
	io.ReaderAt
	Size() int64
}

// old tells whether mail is so old that it arrives as read.
func (s *session) old(m *message.Message, now time.Time) bool {
	when := m.Envelope.Received
	if when.IsZero() {
		when = m.Envelope.Date
	}
	days := s.account.ReadAfterDays
	return days > 0 && !when.IsZero() && now.Sub(when) > time.Duration(days)*24*time.Hour
}
