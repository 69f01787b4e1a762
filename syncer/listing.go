package syncer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"postern/pop3client"
	"postern/store"
)

// maxUID is the longest unique-id kept as it is; RFC 1939 allows 70 octets, servers
// send more. A longer one is known by its hash.
const maxUID = 1024

// byHeader begins an identity that we made ourselves, from a message's size and
// header. No unique-id of a server has this octet in it.
const byHeader = "\x00header:"

// listMaildrop asks for the complete listing and gives every message an identity: its
// unique-id, or where that is missing, empty or used twice, one made from its size and
// header. Remarks say what was odd about the listing.
func listMaildrop(ctx context.Context, c *pop3client.Client, known []store.UniqueID) (entries []entry, remarks []string, err error) {
	l, err := c.Listing(ctx)
	if err != nil {
		return nil, nil, err
	}
	if l.NoUIDL != nil && (c.Capabilities().Has("UIDL") || hasServerUID(known)) {
		return nil, nil, fmt.Errorf("the server refused to list unique-ids this time: %w", l.NoUIDL)
	}
	messages, odd := merge(l)
	remarks = append(remarks, odd...)
	times := map[string]int{}
	for _, m := range messages {
		times[m.UID]++
	}
	var unnamed []int // indexes of entries that need an identity of our making
	for _, m := range messages {
		e := entry{num: m.Num, uid: m.UID, octets: m.Octets}
		if len(e.uid) > maxUID {
			h := sha256.Sum256([]byte(e.uid))
			e.uid = "\x00long:" + hex.EncodeToString(h[:])
		}
		if m.UID == "" || times[m.UID] > 1 {
			unnamed = append(unnamed, len(entries))
		}
		entries = append(entries, e)
	}
	if len(unnamed) == 0 {
		return entries, remarks, nil
	}
	if l.NoUIDL != nil {
		remarks = append(remarks, "The server has no unique-ids; messages are told apart by their headers.")
	} else {
		remarks = append(remarks, fmt.Sprintf("%d messages have no unique-id of their own; they are told apart by their headers.", len(unnamed)))
	}
	entries, hidden, err := nameByHeader(ctx, c, entries, unnamed)
	if hidden > 0 {
		remarks = append(remarks, fmt.Sprintf("%d of them the server does not show; they are left alone.", hidden))
	}
	return entries, remarks, err
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
		remarks = append(remarks, fmt.Sprintf("The server counts %d messages and lists %d.", l.Stat.Count, len(all)))
	}
	if unlisted > 0 {
		remarks = append(remarks, fmt.Sprintf("%d messages have a unique-id and no size.", unlisted))
	}
	if l.Ignored > 0 {
		remarks = append(remarks, fmt.Sprintf("%d rows of the listing could not be read.", l.Ignored))
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

// nameByHeader gives the entries at some indexes an identity from their size and
// header. Twins with the same header are numbered: they can be told apart by nothing
// that lasts. Those the server does not show are left out and counted.
func nameByHeader(ctx context.Context, c *pop3client.Client, entries []entry, at []int) (named []entry, hidden int, err error) {
	nums := make([]int, len(at))
	unnamed := make(map[int]bool, len(at))
	for i, n := range at {
		nums[i] = entries[n].num
		unnamed[n] = true
	}
	sums, err := headers(ctx, c, nums)
	if err != nil {
		return nil, 0, err
	}
	seen := map[string]int{}
	for i, e := range entries {
		if unnamed[i] {
			sum := sums[e.num]
			if sum == nil {
				hidden++
				continue
			}
			e.uid = fmt.Sprintf("%s%d:%x", byHeader, e.octets, sum)
			if seen[e.uid]++; seen[e.uid] > 1 {
				e.uid = fmt.Sprintf("%s#%d", e.uid, seen[e.uid])
			}
		}
		named = append(named, e)
	}
	return named, hidden, nil
}
