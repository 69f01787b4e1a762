package syncer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"postern/pop3client"
)

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
		stored := len(r.uids)
		n, err := r.client.Retr(r.ctx, e.num, w)
		if err := errors.Join(r.done(e.num, n, err), r.flush()); err != nil {
			return err
		}
		if refused := (*pop3client.Error)(nil); len(r.uids) == stored && !errors.As(err, &refused) {
			return errGivenAway // with QUIT it would be gone
		}
	}
	// Gmail lists some hundred messages at a time, and more once these are taken.
	r.more = r.more || isGmail(r.account.Host) && r.record.Retrieved > 0
	return nil
}

// errGivenAway ends a session without QUIT, so that the server keeps a message that it
// has sent and we could not store.
var errGivenAway = errors.New("a message could not be stored, and the server would delete it now that it has sent it")
