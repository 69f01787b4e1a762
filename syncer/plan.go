package syncer

import (
	"slices"
	"time"

	"postern/store"
)

// entry is a message in this session's listing.
type entry struct {
	num    int    // its number, valid in this session only
	uid    string // its identity in this maildrop
	octets int64  // by the scan listing: a hint
	twin   bool   // others in the maildrop have the same identity
}

// plan is what a session is to do.
type plan struct {
	missing  []string // known, and not listed any more
	back     []string // listed again
	unproved []entry  // known, but to be proved before that counts
	retrieve []entry  // newest first
	skipped  []entry  // too big, or tried too often
	outline  []entry  // of these, such as have no row yet
	vain     []entry  // of these, such as somebody asked for and cannot have
	policy   []string // to be deleted because of the account's policy
}

// maxTries is in how many sessions a message is tried before it is left alone, but for
// one more try each tryAgain: what a server cannot show today it may show tomorrow.
const (
	maxTries = 3
	tryAgain = 24 * time.Hour
)

// makePlan decides what a session does about the messages of a complete listing. It
// is a function of its arguments alone. A message is retrieved when its unique-id is
// new; it has to be proved when it was away, or the account's server was changed.
func makePlan(a store.Account, listed []entry, known []store.UniqueID, maxSize int64, now time.Time) plan {
	var p plan
	byUID := make(map[string]*store.UniqueID, len(known))
	for i := range known {
		byUID[known[i].UID] = &known[i]
	}
	here := make(map[string]bool, len(listed))
	for i := len(listed) - 1; i >= 0; i-- {
		e := listed[i]
		here[e.uid] = true
		k := byUID[e.uid]
		if k != nil && !k.Listed {
			p.back = append(p.back, e.uid)
		}
		switch {
		case k != nil && k.Retrieved && k.Proved:
			if deleteByPolicy(a, k, now) {
				p.policy = append(p.policy, e.uid)
			}
		case k != nil && k.Retrieved:
			p.unproved = append(p.unproved, e)
		case stays(a, e, k, maxSize, now):
			p.skipped = append(p.skipped, e)
			if k == nil || !k.Outlined {
				p.outline = append(p.outline, e)
			}
			if k != nil && k.Wanted {
				p.vain = append(p.vain, e)
			}
		default:
			p.retrieve = append(p.retrieve, e)
		}
	}
	// What failed before does not keep the rest waiting.
	slices.SortStableFunc(p.retrieve, func(a, b entry) int { return turn(byUID[a.uid]) - turn(byUID[b.uid]) })
	for i := range known {
		if k := &known[i]; k.Listed && !here[k.UID] {
			p.missing = append(p.missing, k.UID)
		}
	}
	return p
}

// turn orders retrievals: first what a person waits for, last what failed most often; k is
// nil for a new message.
func turn(k *store.UniqueID) int {
	switch {
	case k == nil:
		return 0
	case k.Wanted:
		return -1
	}
	return k.Tries
}

// stays tells whether a message that is not here is left on the server: it is too large,
// was tried too often, or was removed here while only its header was known.
func stays(a store.Account, e entry, k *store.UniqueID, maxSize int64, now time.Time) bool {
	if e.octets > maxSize {
		return true
	}
	if k == nil {
		return overLimit(a, e)
	}
	return k.Outlined && k.Message == 0 || overLimit(a, e) && !k.Wanted ||
		k.Tries >= maxTries && now.Sub(k.Tried).Abs() < tryAgain
}

// overLimit tells whether the account fetches a message of that size only when asked to.
func overLimit(a store.Account, e entry) bool { return a.MaxSize > 0 && e.octets > a.MaxSize }

// renumbered tells whether the server seems to have given all its messages new
// unique-ids: most of those known are gone at once, and about as many are new.
func (p *plan) renumbered(known []store.UniqueID) bool {
	before := 0
	for i := range known {
		if known[i].Listed && known[i].Retrieved {
			before++
		}
	}
	return len(p.missing) > 0 && 2*len(p.missing) > before && 2*len(p.retrieve) >= len(p.missing)
}

// firstRelease is a time before which no Postern saw any mail.
var firstRelease = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// deleteByPolicy tells whether the account's policy wants a stored and proved message
// off the server. What a person cancelled or the server refused is left alone.
func deleteByPolicy(a store.Account, k *store.UniqueID, now time.Time) bool {
	if k.Settled {
		return false
	}
	switch a.Policy {
	case store.DeleteAfterDownload:
		return true
	case store.DeleteAfterDays:
		if k.FirstSeen.Before(firstRelease) {
			return false // seen before the clock was set: nobody knows when
		}
		return now.Sub(k.FirstSeen) >= time.Duration(a.PolicyDays)*24*time.Hour
	}
	return false
}

// makeDeletions pairs the open deletions that may happen now with this session's
// message numbers. known and listed must be of this session, after its retrievals:
// only a message whose identity stands proved may go, or one that is not here and that a
// person wants deleted all the same.
func makeDeletions(open []store.Deletion, listed []entry, known []store.UniqueID, now time.Time) []doomed {
	byUID := make(map[string]entry, len(listed))
	for _, e := range listed {
		byUID[e.uid] = e
	}
	proved := make(map[string]store.UniqueID, len(known))
	outlined := map[string]store.UniqueID{}
	for _, k := range known {
		if !k.Retrieved && k.Outlined && k.Listed {
			outlined[k.UID] = k
		}
		if k.Retrieved && k.Proved {
			proved[k.UID] = k
		}
	}
	var list []doomed
	for _, d := range open {
		e, here := byUID[d.UID]
		k, ok := proved[d.UID]
		unfetched := false
		if !ok && d.Reason == store.Unfetched && d.Message != 0 {
			k, ok = outlined[d.UID]
			unfetched = true
		}
		if here && ok && k.Message == d.Message && d.Due(now) {
			list = append(list, doomed{d, e.num, e.octets, e.twin, k.Octets == e.octets, unfetched, k.Header, k.Content})
		}
	}
	return list
}

// doomed is a deletion with its message's number in this session.
type doomed struct {
	store.Deletion
	num       int
	octets    int64 // by the scan listing
	twin      bool
	sameSize  bool   // as when it was retrieved
	unfetched bool   // only its header is here
	header    []byte // its fingerprint when it was retrieved
	content   []byte // the same of header and body
}
