package syncer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"postern/pop3client"
	"postern/store"
)

// How many tenths of its time a session may have had before it begins no more of each kind
// of work: what comes later has its turn too, however slow the server is. What is left is
// done by the next session, which follows at once.
const (
	namingEnds     = 3
	provingEnds    = 5
	retrievingEnds = 8
	outliningEnds  = 9
	deletingEnds   = 10
	sessionEnds    = 11 // in the midst of a slice
)

// spent tells whether the session has had so many tenths of its time.
func (s *session) spent(tenths int) bool { return s.left(tenths) <= 0 }

// left is how long it takes until the session has had so many tenths of its time.
func (s *session) left(tenths int) time.Duration {
	return s.SessionTime*time.Duration(tenths)/10 - time.Since(s.begun)
}

// over tells whether a kind of work has had its time; the next session then follows at once.
func (s *session) over(tenths int) bool {
	up := s.spent(tenths)
	s.more = s.more || up
	return up
}

// errTooSlow ends a session without QUIT whose server takes for one slice longer than
// sessions last.
var errTooSlow = errors.New("the session took too long")

// slicing is how work with the server is cut into slices, each asked for in one go. They
// become twice as large as long as one takes less than sliceTime.
type slicing struct {
	count  int               // in the first slice
	most   int               // in any; 0: no bound
	octets func(entry) int64 // what an entry counts of sliceOctets; nil: nothing
}

// Bounds of slices.
const (
	sliceOctets = 8 << 20 // in the first one
	sliceTime   = 5 * time.Second
)

// inSlices asks for entries in slices and looks at the clock between them: what is on its
// way when a session ends would have come for nothing. It goes on until the session has had
// so many tenths of its time, and no slice is larger than what the one before lets one
// expect to come in another tenth. One entry is asked for however late it is, so that each
// session gets further.
func (s *session) inSlices(entries []entry, cut slicing, until int, ask func(step []entry, nums []int) error) error {
	octets := int64(sliceOctets)
	var each time.Duration // how long an entry of the last slice took
	for first := true; len(entries) > 0; first = false {
		count := cut.count
		if s.over(until) {
			if !first {
				return nil
			}
			count = 1
		} else if each > 0 {
			count = max(1, min(count, int(s.left(until+1)/each)))
		}
		var nums []int
		sum := int64(0)
		for _, e := range entries {
			if cut.octets != nil {
				sum += cut.octets(e)
			}
			if len(nums) > 0 && (len(nums) == count || sum > octets) {
				break
			}
			nums = append(nums, e.num)
		}
		step := entries[:len(nums)]
		entries = entries[len(nums):]
		begun := time.Now()
		s.asked = len(nums)
		if err := ask(step, nums); err != nil {
			return err
		}
		took := time.Since(begun)
		each = took / time.Duration(len(nums))
		if took < sliceTime {
			cut.count, octets = 2*cut.count, 2*octets
		}
		if cut.most > 0 {
			cut.count = min(cut.count, cut.most)
		}
	}
	return nil
}

// came counts a reply of the slice under way, and ends the session when it is long over and
// more are still to come. A tenth more than its time is what a slice usually fits into.
func (s *session) came() error {
	s.asked--
	if s.asked > 0 && s.spent(sessionEnds) {
		s.stop(errTooSlow)
		return errTooSlow
	}
	return nil
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

// hidesRetrieved tells whether the server deletes or hides what was retrieved: by its own
// word (EXPIRE 0, RFC 2449 §6.7), or as Gmail does.
func (s *session) hidesRetrieved() bool {
	days, ok := s.client.Capabilities().Expire()
	return ok && days == 0 || s.isGmail()
}

// isGmail tells Gmail by a capability that only it has, and by its names.
func (s *session) isGmail() bool {
	host := strings.ToLower(s.account.Host)
	return s.client.Capabilities().Has("X-GOOGLE-RICO") || strings.HasSuffix(host, ".gmail.com") || strings.HasSuffix(host, ".googlemail.com")
}

// oneByOne asks for each message only when the one before is on disk: whatever stops us,
// at most one that the server hides from now on is not stored.
func (r *retriever) oneByOne(entries []entry) error {
	for _, e := range entries {
		if r.over(retrievingEnds) {
			return nil
		}
		r.coming = []entry{e}
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
	r.more = r.more || r.isGmail() && len(r.uids) > 0
	return nil
}

// shownAgain are known messages that Gmail lists though they were retrieved, because that
// session did not end with QUIT. When it lists nothing else, they are retrieved once more:
// else it would go on showing them in place of those behind them.
func (s *session) shownAgain(p plan, known []store.UniqueID) (again []entry) {
	h := s.habits(s.account.ID)
	recent := strings.HasPrefix(s.account.Username, "recent:") // which lists all mail of a month, again and again
	if !s.isGmail() || recent || len(p.retrieve)+len(p.policy) > 0 || time.Since(h.again) < tryAgain {
		return nil
	}
	here := map[string]bool{}
	for i := range known {
		here[known[i].UID] = known[i].Retrieved && known[i].Proved
	}
	for _, e := range s.listed {
		if here[e.uid] {
			again = append(again, e)
		}
	}
	if len(again) > 0 {
		h.again = time.Now()
	}
	return again
}

// errGivenAway ends a session without QUIT, so that the server keeps a message that it
// has sent and we could not store.
var errGivenAway = errors.New(told("a message could not be stored, and the server would delete it now that it has sent it"))
