package syncer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

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
	messages := l.Messages()
	if l.Stat.Count != len(messages) {
		remarks = append(remarks, fmt.Sprintf("The server counts %d messages and lists %d.", l.Stat.Count, len(messages)))
	}
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
	return entries, remarks, nameByHeader(ctx, c, entries, unnamed)
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
// header, read by TOP or, where the server has none, by RETR. Twins with the same
// header are numbered: they can be told apart by nothing that lasts.
func nameByHeader(ctx context.Context, c *pop3client.Client, entries []entry, at []int) error {
	index := make(map[int]int, len(at))
	nums := make([]int, len(at))
	for i, n := range at {
		nums[i] = entries[n].num
		index[entries[n].num] = n
	}
	var h headerHash
	open := func(int) (io.Writer, error) {
		h = headerHash{hash: sha256.New()}
		return &h, nil
	}
	seen := map[string]int{}
	done := func(num int, _ int64, err error) error {
		if err != nil {
			return err
		}
		e := &entries[index[num]]
		e.uid = fmt.Sprintf("%s%d:%x", byHeader, e.octets, h.hash.Sum(nil))
		if seen[e.uid]++; seen[e.uid] > 1 {
			e.uid = fmt.Sprintf("%s#%d", e.uid, seen[e.uid])
		}
		return nil
	}
	err := c.TopAll(ctx, nums, 0, open, done)
	if refused := (*pop3client.Error)(nil); errors.As(err, &refused) {
		clear(seen)
		err = c.RetrAll(ctx, nums, open, done)
	}
	return err
}

// headerHash hashes what comes before the first empty line.
type headerHash struct {
	hash hash.Hash
	last [4]byte // of what was written
	over bool
}

func (h *headerHash) Write(p []byte) (int, error) {
	for i, b := range p {
		if h.over {
			break
		}
		copy(h.last[:], h.last[1:])
		h.last[3] = b
		h.hash.Write(p[i : i+1])
		h.over = string(h.last[:]) == "\r\n\r\n" || string(h.last[2:]) == "\n\n"
	}
	return len(p), nil
}
