package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/pop3client"
	"postern/store"
)

// byHeader begins an identity that we made ourselves, from a message's size and
// header. No unique-id of a server has this octet in it.
const byHeader = "\x00header:"

// nameByHeader gives messages an identity from their size and header. Those whose header
// the server does not show stay unnamed. Those that the session does not come to are hidden
// in it, and the next one begins with them.
func (s *session) nameByHeader(ctx context.Context, l *listing, unnamed []entry) error {
	h := s.habits(s.account.ID)
	unnamed = fromNumber(unnamed, h.unnamed)
	sums, err := s.headers(ctx, unnamed, namingEnds)
	if err != nil && !errors.Is(err, errTooSlow) {
		return err
	}
	h.unnamed = 0
	var named []entry
	for _, e := range unnamed {
		sum, asked := sums[e.num]
		switch {
		case !asked:
			if h.unnamed == 0 {
				h.unnamed = e.num
			}
			l.hide(e)
		case asked && sum != nil:
			e.uid = headerUID(e.octets, sum)
			named = append(named, e)
		case asked:
			l.unnamed = append(l.unnamed, e)
		}
	}
	slices.SortFunc(named, byNumber)
	numberTwins(named)
	for i := range named {
		named[i].twin = named[i].twin || l.hidden[named[i].octets]
	}
	l.entries = append(l.entries, named...)
	slices.SortFunc(l.entries, byNumber)
	return err
}

// hide notes a message that the session cannot name: it may be the twin of any of its size.
func (l *listing) hide(e entry) {
	if l.hidden == nil {
		l.hidden = map[int64]bool{}
	}
	l.hidden[e.octets] = true
}

func byNumber(a, b entry) int { return a.num - b.num }

// fromNumber turns entries round so that the first one is that with a number, or the next
// one there is.
func fromNumber(entries []entry, num int) []entry {
	i := max(slices.IndexFunc(entries, func(e entry) bool { return e.num >= num }), 0)
	return slices.Concat(entries[i:], entries[:i])
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
	n := &namer{content: map[string][]byte{}, before: map[string]string{}, used: map[string]bool{}, twins: map[string]int{}}
	for i := range known {
		if k := &known[i]; k.Retrieved {
			n.content[k.UID] = k.Content
			n.before[string(k.Content)] = k.UID
		}
	}
	r := s.newRetriever(ctx, l.unnamed)
	defer r.close()
	h := s.habits(s.account.ID)
	first := len(s.listed)
	for i, e := range l.unnamed {
		if s.over(retrievingEnds) {
			h.unnamed = e.num
			for _, e := range l.unnamed[i:] {
				l.hide(e)
			}
			break
		}
		if h.broke[e.key()] >= maxTries { // it would keep all others from being named
			l.hide(e)
			if err := r.skip(e, errBrokeOff); err != nil {
				return nil, err
			}
			continue
		}
		named, err := r.nameOne(n, e)
		if err != nil {
			if breaks(err) && ctx.Err() == nil {
				h.brokeOver(e.key())
			}
			h.unnamed = e.num + 1 // the next session passes it over at first
			return nil, err
		}
		if named.uid == "" {
			l.hide(e)
			continue
		}
		s.listed = append(s.listed, named)
	}
	for i := first; i < len(s.listed); i++ {
		e := &s.listed[i]
		e.twin = l.hidden[e.octets] || n.twins[twinless(e.uid)] > 1
	}
	slices.SortFunc(s.listed, byNumber)
	return s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
}

// namer finds the identities of retrieved messages.
type namer struct {
	content map[string][]byte // of known messages, by identity
	before  map[string]string // the reverse
	used    map[string]bool   // identities in this session
	twins   map[string]int    // how many messages share size and header
}

// name gives a message an identity from size and header. Of those that share it, each is
// known by its content.
func (n *namer) name(octets int64, header, content []byte) string {
	base := headerUID(octets, header)
	n.twins[base]++
	uid := base
	for i := 2; n.used[uid] || n.content[uid] != nil && !bytes.Equal(n.content[uid], content); i++ {
		uid = fmt.Sprintf("%s#%d", base, i)
	}
	n.used[uid] = true
	return uid
}

// twinless is the identity that twins share.
func twinless(uid string) string {
	base, _, _ := strings.Cut(uid, "#")
	return base
}

// nameOne retrieves a message, finds its identity, and stores it if it is not here. It has
// none in this session if it could not be had or stored.
func (r *retriever) nameOne(n *namer, e entry) (entry, error) {
	sp := &spool{dir: r.Store.Dir(), limit: r.MaxSize, hint: e.octets}
	_, err := r.client.Retr(r.ctx, e.num, sp)
	if refused := (*pop3client.Error)(nil); errors.As(err, &refused) || errors.Is(err, errTooBig) {
		sp.close()
		if errors.Is(err, errTooBig) && r.hidesRetrieved() {
			return e, errors.Join(r.skip(e, err), errGivenAway)
		}
		return e, r.skip(e, err)
	}
	if err != nil {
		sp.close()
		return e, err
	}
	header, content, err := identify(sp)
	if err != nil {
		sp.close()
		return e, err
	}
	e.uid = n.name(e.octets, header, content)
	r.session.done++
	_, here := n.content[e.uid]
	if old, ok := n.before[string(content)]; ok && !here && !n.used[old] {
		// The server has changed fields of its own in the header, and with them the size.
		if err := r.Store.Rename(r.ctx, r.account, []store.Renamed{{Old: old, New: e.uid, Octets: e.octets}}); err != nil {
			sp.close()
			return e, err
		}
		delete(n.before, string(content))
		here = true
	}
	if here {
		sp.close()
		return e, nil
	}
	stored := len(r.uids)
	if err := errors.Join(r.add(e, sp), r.flush()); err != nil || len(r.uids) > stored {
		return e, err
	}
	if r.hidesRetrieved() {
		return e, errGivenAway
	}
	e.uid = "" // it would be retrieved again
	return e, nil
}
