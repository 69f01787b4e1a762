package syncer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"postern/pop3client"
	"postern/store"
)

// maxUID is the longest unique-id kept as it is; RFC 1939 allows 70 octets, servers
// send more. A longer one is known by its hash.
const maxUID = 1024

// listing is a maildrop as a session sees it.
type listing struct {
	entries []entry
	unnamed []entry        // messages that only their retrieval can identify
	short   int            // how many messages STAT counts more than are listed
	hidden  map[int64]bool // sizes of messages that this session cannot name
	remarks []string
}

// list asks for the complete listing and gives every message an identity: its
// unique-id, or where that is missing, empty or used twice, one made from its size and
// header. Remarks say what was odd about the listing.
func (s *session) list(ctx context.Context, known []store.UniqueID) (listing, error) {
	slow := time.AfterFunc(s.left(sessionEnds), func() { s.stop(errTooSlow) })
	l, err := s.client.Listing(ctx)
	slow.Stop()
	if err != nil {
		return listing{}, err
	}
	if l.NoUIDL != nil && (s.client.Capabilities().Has("UIDL") || hasServerUID(known)) {
		return listing{}, fmt.Errorf("%s: %w", told("the server refused to list unique-ids this time"), l.NoUIDL)
	}
	messages, remarks := merge(l)
	result := listing{short: max(l.Stat.Count-len(messages), 0), remarks: remarks}
	times := map[string]int{}
	for _, m := range messages {
		times[m.UID]++
	}
	var unnamed []entry
	for _, m := range messages {
		e := entry{num: m.Num, uid: m.UID, octets: m.Octets}
		switch {
		case m.UID == "" || times[m.UID] > 1:
			unnamed = append(unnamed, e)
			continue
		case len(e.uid) > maxUID:
			h := sha256.Sum256([]byte(e.uid))
			e.uid = "\x00long:" + hex.EncodeToString(h[:])
		}
		result.entries = append(result.entries, e)
	}
	if len(unnamed) == 0 {
		return result, nil
	}
	if l.NoUIDL != nil {
		result.remarks = append(result.remarks, told("The server has no unique-ids; messages are told apart by their headers."))
	} else {
		result.remarks = append(result.remarks, plural(len(unnamed),
			"%d message has no unique-id of its own; it is told apart by its header.",
			"%d messages have no unique-id of their own; they are told apart by their headers."))
	}
	return result, s.nameByHeader(ctx, &result, unnamed)
}

// merge puts the rows of LIST and UIDL together by their numbers. A row that one of
// them lacks is a message all the same, and no sign that it went.
func merge(l *pop3client.Listing) (all []pop3client.Message, remarks []string) {
	byNum := make(map[int]*pop3client.Message, len(l.List))
	for _, m := range l.List {
		byNum[m.Num] = &pop3client.Message{Num: m.Num, Octets: m.Octets}
	}
	unlisted := 0
	for _, u := range l.UIDL {
		if byNum[u.Num] == nil {
			unlisted++
			byNum[u.Num] = &pop3client.Message{Num: u.Num}
		}
		byNum[u.Num].UID = u.UID
	}
	for _, num := range slices.Sorted(maps.Keys(byNum)) {
		all = append(all, *byNum[num])
	}
	if l.Stat.Count != len(all) {
		remarks = append(remarks, told("The server counts %s and lists %d.", plural(l.Stat.Count, "%d message", "%d messages"), len(all)))
	}
	if unlisted > 0 {
		remarks = append(remarks, plural(unlisted, "%d message has a unique-id and no size.", "%d messages have a unique-id and no size."))
	}
	if l.Ignored > 0 {
		remarks = append(remarks, plural(l.Ignored, "%d row of the listing could not be read.", "%d rows of the listing could not be read."))
	}
	return all, remarks
}

func hasServerUID(known []store.UniqueID) bool {
	for _, k := range known {
		if k.Listed && k.UID != "" && k.UID[0] != 0 {
			return true
		}
	}
	return false
}
