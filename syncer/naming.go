package syncer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/pop3client"
	"postern/store"
)

// byHeader begins an identity that we made ourselves, from a message's size and
// header. No unique-id of a server has this octet in it.
const byHeader = "\x00header:"

// nameByHeader gives messages an identity from their size and header. Those whose header
// the server does not show stay unnamed.
func (l *listing) nameByHeader(ctx context.Context, c *pop3client.Client, unnamed []entry) error {
	nums := make([]int, len(unnamed))
	for i, e := range unnamed {
		nums[i] = e.num
	}
	sums, err := headers(ctx, c, nums)
	if err != nil {
		return err
	}
	var named []entry
	for _, e := range unnamed {
		if sum := sums[e.num]; sum != nil {
			e.uid = headerUID(e.octets, sum)
			named = append(named, e)
		} else {
			l.unnamed = append(l.unnamed, e)
		}
	}
	numberTwins(named)
	l.entries = append(l.entries, named...)
	slices.SortFunc(l.entries, func(a, b entry) int { return a.num - b.num })
	return nil
}

func headerUID(octets int64, sum []byte) string {
	return fmt.Sprintf("%s%d:%x", byHeader, octets, sum)
}

// numberTwins tells entries of the same identity apart by their order, which is good
// enough to keep each once, and not to delete one.
func numberTwins(entries []entry) {
	count := map[string]int{}
	for _, e := range entries {
		count[e.uid]++
	}
	seen := map[string]int{}
	for i := range entries {
		e := &entries[i]
		e.twin = count[e.uid] > 1
		if seen[e.uid]++; seen[e.uid] > 1 {
			e.uid = fmt.Sprintf("%s#%d", e.uid, seen[e.uid])
		}
	}
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
	defer r.close()
	seen := map[string]int{}
	for _, e := range l.unnamed {
		sp := &spool{dir: s.Store.Dir(), limit: s.MaxSize, hint: e.octets}
		_, err := s.client.Retr(ctx, e.num, sp)
		if refused := (*pop3client.Error)(nil); errors.As(err, &refused) || errors.Is(err, errTooBig) {
			sp.close()
			l.hidden = true
			tooBig := errors.Is(err, errTooBig)
			if err := r.skip(e, err); err != nil {
				return nil, err
			}
			if tooBig && s.hidesRetrieved() {
				return nil, errGivenAway
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
			s.listed = append(s.listed, e)
			continue
		}
		stored := len(r.uids)
		if err := errors.Join(r.add(e, sp), r.flush()); err != nil {
			return nil, err
		}
		switch {
		case len(r.uids) > stored:
			s.listed = append(s.listed, e)
		case s.hidesRetrieved():
			return nil, errGivenAway
		default:
			l.hidden = true // it would be retrieved again
		}
	}
	for i := range s.listed {
		s.listed[i].twin = s.listed[i].twin || seen[s.listed[i].uid] > 1
	}
	return s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
}
