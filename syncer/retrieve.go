package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"postern/internal/message"
	"postern/pop3client"
	"postern/store"
)

// A batch of retrieved messages is stored when one of these is reached. The first
// ones are small, so that the newest mail can be read at once.
const (
	firstBatch  = 10
	batchSize   = 200
	batchOctets = 8 << 20
	batchTime   = 500 * time.Millisecond
)

// errEmpty is a message that has a size and nothing in it.
var errEmpty = errors.New("the server sent nothing for it")

// errGivenAway ends a session without QUIT, so that the server keeps a message that it
// has sent and we could not store.
var errGivenAway = errors.New("a message is larger than the limit, and the server would delete it now that it has sent it")

// retriever retrieves messages and stores them in batches.
type retriever struct {
	*session
	ctx     context.Context
	stop    context.CancelCauseFunc // ends the connection
	asked   int                     // messages of the slice under way that have not come
	entries map[int]entry           // by message number
	spool   *spool                  // of the message under way
	batch   []store.Incoming
	spools  []*spool // of the batch
	octets  int64    // of the batch
	since   time.Time
	stored  int
	uids    []string // of what was stored
	start   time.Time
}

// retrieve fetches and stores messages, newest first. One that the server refuses, or
// that is larger than it said, is counted and passed over; trouble of our own ends the
// session.
func (s *session) retrieve(ctx context.Context, entries []entry) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	entries = fallenLast(entries, s.fallen(s.account.ID))
	r := s.newRetriever(ctx, entries)
	r.stop = stop
	defer r.closeSpools()
	s.noteFallen(s.account.ID, "")
	var err error
	if s.hidesRetrieved() {
		err = r.oneByOne(entries)
	} else {
		err = r.inSlices(entries)
	}
	// What came before a line was cut is whole and is kept.
	if flushErr := r.flush(context.WithoutCancel(ctx)); flushErr != nil && err == nil {
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
	r := &retriever{session: s, ctx: ctx, entries: make(map[int]entry, len(entries)), start: time.Now()}
	s.done, s.total = 0, len(entries)
	for _, e := range entries {
		r.entries[e.num] = e
		s.expect += e.octets
	}
	s.progress("retrieving")
	return r
}

// nameByRetrieval identifies messages whose header the server shows only with the whole
// message. Each that is not known is stored before the next is asked for: such servers
// may give a message away once. It completes s.listed and returns what is known now.
func (s *session) nameByRetrieval(ctx context.Context, l *listing, known []store.UniqueID) ([]store.UniqueID, error) {
	here := make(map[string]bool, len(known))
	before := make(map[string]string, len(known)) // identities by content
	for i := range known {
		if k := &known[i]; k.Retrieved {
			here[k.UID] = true
			before[string(k.Content)] = k.UID
		}
	}
	r := s.newRetriever(ctx, l.unnamed)
	defer r.closeSpools()
	seen := map[string]int{}
	for _, e := range l.unnamed {
		sp := &spool{dir: s.Store.Dir(), limit: s.MaxSize}
		_, err := s.client.Retr(ctx, e.num, sp)
		if refused := (*pop3client.Error)(nil); errors.As(err, &refused) || errors.Is(err, errTooBig) {
			sp.close()
			l.hidden = true
			if err := r.skip(e, err); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			sp.close()
			return nil, err
		}
		header, content, err := identify(sp)
		if err != nil {
			return nil, err
		}
		base := headerUID(e.octets, header)
		e.uid = base
		if seen[base]++; seen[base] > 1 {
			e.uid, e.twin = fmt.Sprintf("%s#%d", base, seen[base]), true
		}
		s.listed = append(s.listed, e)
		s.done++
		if old, ok := before[string(content)]; ok && !here[e.uid] {
			// The server has changed fields of its own in the header, and with them the size.
			if err := s.Store.Rename(ctx, s.account, []store.Renamed{{Old: old, New: e.uid, Octets: e.octets}}); err != nil {
				return nil, err
			}
			delete(before, string(content))
			here[e.uid] = true
		}
		if here[e.uid] {
			sp.close()
			continue
		}
		if err := r.add(e, sp); err != nil {
			return nil, err
		}
		if err := r.flush(ctx); err != nil {
			return nil, err
		}
	}
	for i := range s.listed {
		s.listed[i].twin = s.listed[i].twin || seen[s.listed[i].uid] > 1
	}
	return s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
}

// identify reads a retrieved message's fingerprints.
func identify(sp *spool) (header, content []byte, err error) {
	f := newFingerprint()
	if _, err := io.Copy(f, io.NewSectionReader(sp, 0, sp.size)); err != nil {
		return nil, nil, fmt.Errorf("read back a retrieved message: %w", err)
	}
	header, content = f.sums()
	return header, content, nil
}

// A slice is what is asked for in one go; the first is small, and the next twice as
// large as long as one takes less than sliceTime.
const (
	firstSlice  = 500
	sliceOctets = 8 << 20
	sliceTime   = 5 * time.Second
)

// inSlices asks for messages in slices and looks at the clock between them: what is on
// its way when a session ends would have come for nothing.
func (r *retriever) inSlices(entries []entry) error {
	count, octets := firstSlice, int64(sliceOctets)
	for len(entries) > 0 && !r.timeIsUp() {
		var nums []int
		sum := int64(0)
		for _, e := range entries {
			if len(nums) > 0 && (len(nums) == count || sum+e.octets > octets) {
				break
			}
			nums, sum = append(nums, e.num), sum+e.octets
		}
		entries = entries[len(nums):]
		begun := time.Now()
		r.asked = len(nums)
		if err := r.client.RetrAll(r.ctx, nums, r.open, r.done); err != nil {
			return err
		}
		if time.Since(begun) < sliceTime {
			count, octets = 2*count, 2*octets
		}
	}
	return nil
}

// errTooSlow ends a session without QUIT whose server takes for one slice longer than
// sessions last.
var errTooSlow = errors.New("the session took too long")

// overdue tells, when a message has come, that the session is long over and more of the
// slice are still to come. A tenth more than its time is what a slice usually fits into.
func (r *retriever) overdue() bool {
	r.asked--
	return r.asked > 0 && time.Since(r.start) > r.SessionTime+r.SessionTime/10
}

// fallenLast puts the message in which the last session broke off behind the others: if
// it is the message that breaks sessions, they come all the same.
func fallenLast(entries []entry, uid string) []entry {
	i := slices.IndexFunc(entries, func(e entry) bool { return uid != "" && e.uid == uid })
	if i < 0 {
		return entries
	}
	e := entries[i]
	return append(slices.Delete(slices.Clone(entries), i, i+1), e)
}

// timeIsUp tells whether the session has had its time; the next one then follows at once.
func (r *retriever) timeIsUp() bool {
	up := time.Since(r.start) > r.SessionTime
	r.more = r.more || up
	return up
}

// hidesRetrieved tells whether the server deletes or hides what was retrieved: by its own
// word (EXPIRE 0, RFC 2449 §6.7), or as Gmail does.
func (s *session) hidesRetrieved() bool {
	days, ok := s.client.Capabilities().Expire()
	return ok && days == 0 || isGmail(s.account.Host)
}

func isGmail(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".gmail.com") || strings.HasSuffix(host, ".googlemail.com")
}

// oneByOne asks for each message only when the one before is on disk: whatever stops us,
// at most one that the server hides from now on is not stored.
func (r *retriever) oneByOne(entries []entry) error {
	for _, e := range entries {
		if r.timeIsUp() {
			return nil
		}
		w, err := r.open(e.num)
		if err != nil {
			return err
		}
		n, err := r.client.Retr(r.ctx, e.num, w)
		tooBig := errors.Is(err, errTooBig)
		if err := errors.Join(r.done(e.num, n, err), r.flush(r.ctx)); err != nil {
			return err
		}
		if tooBig {
			return errGivenAway // with QUIT it would be gone
		}
	}
	// Gmail lists some hundred messages at a time, and more once these are taken.
	r.more = r.more || isGmail(r.account.Host) && r.record.Retrieved > 0
	return nil
}

func (r *retriever) open(num int) (io.Writer, error) {
	// What has come does not wait in memory while a large one is on its way.
	if len(r.batch) > 0 && (r.entries[num].octets > memorySpool || time.Since(r.since) >= batchTime) {
		if err := r.flush(r.ctx); err != nil {
			return nil, err
		}
	}
	r.spool = &spool{dir: r.Store.Dir(), limit: r.MaxSize}
	return r.spool, nil
}

// done takes in one message that has come, or why it has not.
func (r *retriever) done(num int, _ int64, err error) error {
	e, sp := r.entries[num], r.spool
	r.spool = nil
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
		r.noteFallen(r.account.ID, e.uid)
		if limit := (*pop3client.LimitError)(nil); errors.As(err, &limit) {
			// The connection is gone, but it was this message's doing.
			err = errors.Join(err, r.skip(e, err))
		}
		return err
	}
	if r.overdue() {
		r.stop(errTooSlow)
		return errTooSlow
	}
	return nil
}

// skip counts a message that could not be had; it stays on the server.
func (r *retriever) skip(e entry, cause error) error {
	r.record.Skipped++
	r.record.Remarks = append(r.record.Remarks, fmt.Sprintf("Message %d could not be fetched: %v.", e.num, cause))
	if refused := (*pop3client.Error)(nil); errors.As(cause, &refused) && refused.Temporary() || e.uid == "" {
		return nil // trouble of the server's, not of this message
	}
	return r.Store.RetrievalFailed(r.ctx, r.account, e.uid, e.octets, cause.Error())
}

// add parses a message and stores the batch when it is full.
func (r *retriever) add(e entry, sp *spool) error {
	r.spools = append(r.spools, sp)
	m, err := message.Parse(sp, sp.size)
	if err != nil {
		return fmt.Errorf("read back a retrieved message: %w", err)
	}
	header, content, err := identify(sp)
	if err != nil {
		return err
	}
	now := r.Store.Now()
	in := store.Incoming{UID: e.uid, Octets: e.octets, Raw: sp, Size: sp.size, Header: header, Content: content, Message: m, Unread: !r.old(m, now), Retrieved: now}
	if len(r.batch) == 0 {
		r.since = time.Now()
	}
	r.batch = append(r.batch, in)
	r.octets += sp.size
	r.session.octets += sp.size
	r.progress("retrieving")
	full := batchSize
	if r.stored < 5*firstBatch {
		full = firstBatch
	}
	if len(r.batch) >= full || r.octets >= batchOctets || time.Since(r.since) >= batchTime {
		return r.flush(r.ctx)
	}
	return nil
}

// old tells whether mail is so old that it arrives as read.
func (r *retriever) old(m *message.Message, now time.Time) bool {
	when := m.Envelope.Received
	if when.IsZero() {
		when = m.Envelope.Date
	}
	days := r.account.ReadAfterDays
	return days > 0 && !when.IsZero() && now.Sub(when) > time.Duration(days)*24*time.Hour
}

// flush stores the batch; when it returns the messages are on disk.
func (r *retriever) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	kept, err := r.Store.AddMessages(ctx, r.account, r.batch)
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil {
		return &Trouble{Kind: Here, What: "New mail could not be stored: " + err.Error() + ".",
			Advice: "Check the space on Postern's disk. Nothing was deleted on the server.", Err: err}
	}
	arrived := 0
	for i, k := range kept {
		r.uids = append(r.uids, r.batch[i].UID)
		if k.Outcome == store.Added {
			r.record.Retrieved++
			r.record.Octets += r.batch[i].Size
			arrived++
		}
	}
	r.stored += len(kept)
	r.closeSpools()
	r.batch, r.octets = nil, 0
	if arrived > 0 {
		r.Observer.MailArrived(r.account.User, r.account.ID, arrived)
	}
	return nil
}

func (r *retriever) closeSpools() {
	for _, sp := range r.spools {
		sp.close()
	}
	r.spools = nil
}
