package syncer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"postern/pop3client"
	"postern/store"
)

// serverFields are header fields that servers add to or change in a stored message.
// What is left is the same whenever the message is retrieved.
var serverFields = map[string]bool{
	"status": true, "x-status": true, "x-uid": true, "x-uidl": true, "x-imap": true, "x-imapbase": true,
	"x-keywords": true, "content-length": true, "lines": true,
}

// fingerprint identifies a message by what its sender and its ways wrote: header has
// the header alone, as TOP shows it, content the body too. It is an io.Writer; line
// ends in the header count as one, however they are written.
type fingerprint struct {
	header, content hash.Hash
	line            []byte // of the header, so far
	skip            bool   // the field under way is a server's
	body            bool
}

// maxFieldLine is how much of a header line is held to tell the field's name.
const maxFieldLine = 64 << 10

func newFingerprint() *fingerprint {
	return &fingerprint{header: sha256.New(), content: sha256.New()}
}

// Write implements io.Writer; it never fails.
func (f *fingerprint) Write(p []byte) (int, error) {
	n := len(p)
	for !f.body && len(p) > 0 {
		c := p[0]
		p = p[1:]
		if c != '\n' && len(f.line) < maxFieldLine {
			f.line = append(f.line, c)
			continue
		}
		f.endLine()
	}
	f.content.Write(p)
	return n, nil
}

// endLine takes in a header line; an empty one ends the header.
func (f *fingerprint) endLine() {
	line := f.line
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	f.line = f.line[:0]
	if len(line) == 0 {
		f.body = true
		return
	}
	if line[0] != ' ' && line[0] != '\t' {
		f.skip = serverFields[fieldName(line)]
	}
	if !f.skip {
		for _, h := range []hash.Hash{f.header, f.content} {
			h.Write(line)
			h.Write([]byte{'\n'})
		}
	}
}

// fieldName is the name of a header line's field in lower case.
func fieldName(line []byte) string {
	var name []byte
	for _, c := range line {
		switch {
		case c == ':':
			return string(name)
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if c != ' ' && c != '\t' {
			name = append(name, c)
		}
	}
	return ""
}

func (f *fingerprint) sums() (header, content []byte) {
	if len(f.line) > 0 {
		f.endLine()
	}
	return f.header.Sum(nil), f.content.Sum(nil)
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

// headers reads the header fingerprints of messages by TOP. A message that the server
// refuses to show has none.
func headers(ctx context.Context, c *pop3client.Client, nums []int) (map[int][]byte, error) {
	if len(nums) == 0 {
		return nil, nil
	}
	sums := make(map[int][]byte, len(nums))
	var f *fingerprint
	open := func(int) (io.Writer, error) {
		f = newFingerprint()
		return f, nil
	}
	done := func(num int, _ int64, err error) error {
		var no *pop3client.Error
		switch {
		case errors.As(err, &no):
			return nil
		case err != nil:
			return err
		}
		sums[num], _ = f.sums()
		return nil
	}
	return sums, c.TopAll(ctx, nums, 0, open, done)
}

// reprove proves by size and header that known messages are still what their unique-ids
// say. Those it cannot prove are retrieved: their content decides.
func (s *session) reprove(ctx context.Context, p *plan, known []store.UniqueID) error {
	if len(p.unproved) == 0 {
		return nil
	}
	byUID := make(map[string]*store.UniqueID, len(known))
	for i := range known {
		byUID[known[i].UID] = &known[i]
	}
	nums := make([]int, len(p.unproved))
	for i, e := range p.unproved {
		nums[i] = e.num
	}
	sums, err := headers(ctx, s.client, nums)
	if err != nil {
		return err
	}
	var proofs []store.Proof
	for _, e := range p.unproved {
		k := byUID[e.uid]
		if sum := sums[e.num]; sum != nil && k.Octets == e.octets && bytes.Equal(sum, k.Header) {
			proofs = append(proofs, store.Proof{UID: e.uid, Octets: e.octets})
		} else {
			p.retrieve = append(p.retrieve, e)
		}
	}
	return s.Store.Prove(ctx, s.account, proofs)
}

// rename finds, after a server has given all its messages new unique-ids, which is which
// by size and header, and returns what is known now. A header that several share decides
// nothing: their messages are retrieved, and their content decides.
func (s *session) rename(ctx context.Context, p plan, known []store.UniqueID) ([]store.UniqueID, error) {
	missing := make(map[string]bool, len(p.missing))
	for _, uid := range p.missing {
		missing[uid] = true
	}
	before := map[string][]string{} // by size and header
	sizes := map[int64]bool{}
	for i := range known {
		if k := &known[i]; missing[k.UID] && k.Header != nil {
			key := fmt.Sprintf("%d:%x", k.Octets, k.Header)
			before[key] = append(before[key], k.UID)
			sizes[k.Octets] = true
		}
	}
	var nums []int
	for _, e := range p.retrieve {
		if sizes[e.octets] {
			nums = append(nums, e.num)
		}
	}
	sums, err := headers(ctx, s.client, nums)
	if err != nil {
		return nil, err
	}
	after := map[string][]entry{}
	for _, e := range p.retrieve {
		if sum := sums[e.num]; sum != nil {
			key := fmt.Sprintf("%d:%x", e.octets, sum)
			after[key] = append(after[key], e)
		}
	}
	var renamed []store.Renamed
	for key, old := range before {
		if now := after[key]; len(old) == 1 && len(now) == 1 {
			renamed = append(renamed, store.Renamed{Old: old[0], New: now[0].uid, Octets: now[0].octets})
		}
	}
	if len(renamed) == 0 {
		return known, nil
	}
	s.record.Remarks = append(s.record.Remarks, fmt.Sprintf("The server lists %d known messages under new unique-ids; they were recognised by size and header, and nothing was fetched twice.", len(renamed)))
	if err := s.Store.Rename(ctx, s.account, renamed); err != nil {
		return nil, err
	}
	return s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
}
