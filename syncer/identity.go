package syncer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

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

// headers reads the header fingerprints of messages by TOP, until the session has had so
// many tenths of its time. A message that the server refuses to show has none; one that was
// not come to is missing in the map, which is valid also when the server was too slow.
func (s *session) headers(ctx context.Context, entries []entry, until int) (map[int][]byte, error) {
	sums := make(map[int][]byte, len(entries))
	var f *fingerprint
	open := func(int) (io.Writer, error) {
		f = newFingerprint()
		return f, nil
	}
	done := func(num int, _ int64, err error) error {
		var no *pop3client.Error
		switch {
		case errors.As(err, &no):
			sums[num] = nil
		case err != nil:
			return err
		default:
			sums[num], _ = f.sums()
		}
		return s.came()
	}
	return sums, s.inSlices(entries, slicing{count: 10}, until, func(step []entry, _ []int) error {
		return s.topAll(ctx, step, open, done)
	})
}

// header reads the header fingerprint of one message; nil: the server does not show it.
func (s *session) header(ctx context.Context, e entry) (sum []byte, err error) {
	f := newFingerprint()
	err = s.topAll(ctx, []entry{e}, func(int) (io.Writer, error) { return f, nil }, func(_ int, _ int64, err error) error {
		if refused := (*pop3client.Error)(nil); errors.As(err, &refused) {
			return nil
		}
		sum, _ = f.sums()
		return err
	})
	return sum, err
}

// errShy stands for the refusal of a server that breaks off instead.
var errShy = &pop3client.Error{Command: "TOP", Text: "the connection broke over it before"}

// key tells a message from others in the sessions to come, as far as that is possible without a unique-id.
func (e entry) key() string {
	if e.uid != "" {
		return e.uid
	}
	return fmt.Sprintf("\x00number:%d:%d", e.num, e.octets)
}

// topAll asks for the headers of messages. One over which the connection broke in an earlier
// session is not asked for: done is told that the server refuses it. Where the first header ever
// asked for breaks the connection, and it alone was asked for, the server cannot bear to be asked, and none is from then on.
func (s *session) topAll(ctx context.Context, entries []entry, open func(int) (io.Writer, error), done func(int, int64, error) error) error {
	h := s.habits(s.account.ID)
	var nums []int
	keys := make(map[int]string, len(entries))
	for _, e := range entries {
		if !h.noTop && h.broke[e.key()] == 0 {
			nums = append(nums, e.num)
			keys[e.num] = e.key()
		} else if err := done(e.num, 0, errShy); err != nil {
			return err
		}
	}
	broke := false
	err := s.client.TopAll(ctx, nums, 0, open, func(num int, n int64, err error) error {
		switch refused := (*pop3client.Error)(nil); {
		case err == nil, errors.As(err, &refused):
			h.topWorks = true
		case ctx.Err() == nil:
			broke = true
			h.brokeOver(keys[num])
		}
		return done(num, n, err)
	})
	if pipe := (*pop3client.PipelineError)(nil); broke && !h.topWorks && !errors.As(err, &pipe) {
		h.noTop, s.ends.learnt, s.record.Unfinished = true, true, true
		s.record.Remarks = append(s.record.Remarks, told("The connection broke when the server was asked for a header (TOP); from now on messages are fetched whole instead."))
	}
	return err
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
	sums, err := s.headers(ctx, p.unproved, provingEnds)
	if err != nil && !errors.Is(err, errTooSlow) {
		return err
	}
	var proofs []store.Proof
	for _, e := range p.unproved {
		k := byUID[e.uid]
		switch sum, asked := sums[e.num]; {
		case !asked: // in the next session
		case sum != nil && k.Octets == e.octets && bytes.Equal(sum, k.Header):
			proofs = append(proofs, store.Proof{UID: e.uid, Octets: e.octets})
		default:
			p.retrieve = append(p.retrieve, e)
		}
	}
	return errors.Join(err, s.Store.Prove(context.WithoutCancel(ctx), s.account, proofs))
}

// rename finds, after a server has given all its messages new unique-ids, which is which
// by size and header, and returns what is known now. A header that several share decides
// nothing: their messages are retrieved, and their content decides. all is false, and
// nothing is changed, while not all headers were seen: the next session goes on.
func (s *session) rename(ctx context.Context, p plan, known []store.UniqueID) (_ []store.UniqueID, all bool, err error) {
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
	seen, err := s.headersByUID(ctx, slices.DeleteFunc(slices.Clone(p.retrieve), func(e entry) bool { return !sizes[e.octets] }))
	if err != nil || seen == nil {
		return known, false, err
	}
	after := map[string][]entry{}
	for _, e := range p.retrieve {
		if sum := seen[e.uid]; sum != nil {
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
		return known, true, nil
	}
	s.record.Remarks = append(s.record.Remarks, plural(len(renamed),
		"The server lists %d known message under a new unique-id; it was recognised by size and header, and not fetched twice.",
		"The server lists %d known messages under new unique-ids; they were recognised by size and header, and nothing was fetched twice."))
	if err := s.Store.Rename(ctx, s.account, renamed); err != nil {
		return nil, true, err
	}
	known, err = s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
	return known, true, err
}

// headersByUID reads the header fingerprints of messages over as many sessions as it takes,
// and returns nil until all were seen.
func (s *session) headersByUID(ctx context.Context, entries []entry) (map[string][]byte, error) {
	h := s.habits(s.account.ID)
	if h.headers == nil {
		h.headers = map[string][]byte{}
	}
	left := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { _, ok := h.headers[e.uid]; return ok })
	sums, err := s.headers(ctx, left, provingEnds)
	for _, e := range left {
		if sum, asked := sums[e.num]; asked {
			h.headers[e.uid] = sum
		}
	}
	if err != nil || len(sums) < len(left) {
		return nil, err
	}
	seen := h.headers
	h.headers = nil
	return seen, nil
}
