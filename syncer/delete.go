package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"postern/internal/i18n"
	"postern/pop3client"
	"postern/store"
)

// maxDeletions is how many messages a session deletes before it ends with QUIT, so
// that a line that drops later does not cost them all.
const maxDeletions = 500

// requestByPolicy enters into the ledger what the account's policy wants deleted: the
// messages it had stored before, and with "delete after download" those of this
// session, which are on disk by now.
func (s *session) requestByPolicy(ctx context.Context, p plan) error {
	uids, reason := p.policy, store.AfterDays
	if s.account.Policy == store.DeleteAfterDownload {
		reason = store.AfterDownload
	}
	if reason == store.AfterDownload && len(p.retrieve)+len(p.unproved) > 0 {
		known, err := s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
		if err != nil {
			return err
		}
		uids = nil
		for i := range known {
			if k := &known[i]; k.Listed && k.Retrieved && k.Proved && deleteByPolicy(s.account, k, s.Store.Now()) {
				uids = append(uids, k.UID)
			}
		}
	}
	if len(uids) == 0 {
		return nil
	}
	return s.Store.RequestDeletions(ctx, s.account, uids, reason)
}

// delete marks on the server what the ledger wants deleted and returns the rows whose
// DELE the server took. They count only after QUIT.
func (s *session) delete(ctx context.Context) ([]store.DeletionID, error) {
	user, account := s.account.User, s.account.ID
	open, err := s.Store.OpenDeletions(ctx, user, account)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	known, err := s.Store.UniqueIDs(ctx, user, account)
	if err != nil {
		return nil, err
	}
	due := makeDeletions(open, s.listed, known, s.Store.Now())
	if len(due) > maxDeletions {
		due, s.more = due[:maxDeletions], true
	}
	doomedBy := make(map[int]doomed, len(due))
	entries := make([]entry, len(due))
	for i, d := range due {
		doomedBy[d.num], entries[i] = d, entry{num: d.num}
	}
	s.done, s.total, s.octets, s.expect = 0, len(due), 0, 0
	s.progress("deleting")
	var marked []store.DeletionID
	// At first one: what is under way when the time is over has been marked for nothing.
	err = s.inSlices(entries, slicing{count: 1}, deletingEnds, func(_ []entry, nums []int) error {
		step := make([]doomed, len(nums))
		for i, num := range nums {
			step[i] = doomedBy[num]
		}
		ids, err := s.deleteStep(ctx, step)
		marked = append(marked, ids...)
		return err
	})
	return marked, err
}

// deleteStep proves, claims and marks a few messages.
func (s *session) deleteStep(ctx context.Context, due []doomed) ([]store.DeletionID, error) {
	byNum := map[int]store.DeletionID{}
	var ids []store.DeletionID
	for i, d := range due {
		if i > 0 && s.over(deletingEnds) {
			break
		}
		switch err := s.prove(ctx, d); {
		case errors.Is(err, errNotSame):
			if err := s.Store.RefuseDeletion(ctx, s.account, d.ID, err.Error()); err != nil {
				return nil, err
			}
			s.record.Remarks = append(s.record.Remarks, told("“%s” was not deleted: %v.", d.Subject, err))
			if errors.Is(err, errOther) {
				if err := s.doubt(ctx, d); err != nil {
					return nil, err
				}
			}
		case err != nil:
			return nil, err
		default:
			byNum[d.num] = d.ID
			ids = append(ids, d.ID)
		}
	}
	claimed, err := s.Store.ClaimDeletions(ctx, s.account, ids)
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	return s.mark(ctx, claimed, byNum)
}

// mark sends DELE for the claimed rows.
func (s *session) mark(ctx context.Context, claimed []store.DeletionID, byNum map[int]store.DeletionID) ([]store.DeletionID, error) {
	isClaimed := make(map[store.DeletionID]bool, len(claimed))
	for _, id := range claimed {
		isClaimed[id] = true
	}
	var nums []int
	for num, id := range byNum {
		if isClaimed[id] {
			nums = append(nums, num)
		}
	}
	s.asked = len(nums)
	var marked []store.DeletionID
	err := s.client.DeleAll(ctx, nums, func(num int, err error) error {
		s.done++
		s.progress("deleting")
		var refused *pop3client.Error
		switch {
		case errors.As(err, &refused):
			s.record.Remarks = append(s.record.Remarks, told("The server refused to delete message %d: “%s”.", num, plain(refused.Text)))
			if err := s.Store.RefuseDeletion(ctx, s.account, byNum[num], plain(refused.Text)); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			marked = append(marked, byNum[num])
		}
		return s.came()
	})
	return marked, err
}

// sizeSlack is how much larger than a message servers say that it is, who round.
const sizeSlack = 1024

// errNotSame says why a message must stay on the server.
var errNotSame = errors.New(told("the stored copy does not stand for it"))

func notSame(why i18n.Key, args ...any) error {
	return fmt.Errorf("%w: %s", errNotSame, told(why, args...))
}

// errOther is errNotSame of a message that the server has put in the place of the stored one.
var errOther = fmt.Errorf("%w: %s", errNotSame, told("size and content on the server are others"))

// doubt has the next session, which follows at once, prove a unique-id again that stands for
// another message now, so that this one is retrieved; and all others too, where TOP shows
// headers: a server that uses one again may have done so with more.
func (s *session) doubt(ctx context.Context, d doomed) error {
	uids := []string{d.UID}
	if s.client.Capabilities().Has("TOP") && !s.habits(s.account.ID).noTop {
		uids = uids[:0]
		for _, e := range s.listed {
			uids = append(uids, e.uid)
		}
	}
	s.more = true
	return s.Store.Doubt(ctx, s.account, uids)
}

// prove makes sure, just before DELE, that the stored copy is sound and is this very
// message. Its unique-id was in every listing since it was stored; where its size has
// changed since, the headers are compared too. So they are where an earlier session has sent
// DELE for it: perhaps the server has deleted it, and has another one in its place by now.
func (s *session) prove(ctx context.Context, d doomed) error {
	if d.twin {
		return notSame("the server lists several messages that nothing tells apart")
	}
	if d.unfetched {
		return s.proveUnfetched(ctx, d)
	}
	stored, err := s.Store.DeletionOctets(ctx, s.account.User, d.ID)
	switch {
	case errors.Is(err, store.ErrNotFound): // a person has purged it, and there is nothing to lose
	case err != nil:
		return err
	default:
		if err := stored.Verify(); err != nil {
			return fmt.Errorf("%w: %w", errNotSame, err)
		}
		if stored.Size()+sizeSlack < d.octets-d.octets/10 {
			return notSame("it has %s, and the server speaks of %s", megabytes(stored.Size()), megabytes(d.octets))
		}
	}
	if d.sameSize && d.State == store.Requested {
		return nil
	}
	sum, err := s.header(ctx, entry{num: d.num, uid: d.UID})
	if err != nil {
		return err
	}
	if sum != nil && bytes.Equal(sum, d.header) {
		return nil
	}
	return s.proveByRetrieval(ctx, d)
}

// proveByRetrieval compares the whole message where the server does not show its header, or
// has changed it. Where retrieving takes a message away, asking would cost the one that is
// not here after all.
func (s *session) proveByRetrieval(ctx context.Context, d doomed) error {
	if s.hidesRetrieved() {
		return notSame("its size there has changed, and the server takes away what is looked at")
	}
	f := newFingerprint()
	_, err := s.client.Retr(ctx, d.num, f)
	if refused := (*pop3client.Error)(nil); errors.As(err, &refused) {
		return notSame("its size there has changed, and the server does not show it")
	}
	if err != nil {
		return err
	}
	if _, content := f.sums(); d.content == nil || !bytes.Equal(content, d.content) {
		return errOther
	}
	return nil
}

// proveUnfetched makes sure that a message that is not here, and that a person wants
// deleted all the same, is the one whose header they saw.
func (s *session) proveUnfetched(ctx context.Context, d doomed) error {
	if d.header == nil {
		return notSame("the server does not show its header; fetch it first")
	}
	sum, err := s.header(ctx, entry{num: d.num, uid: d.UID})
	if err != nil {
		return err
	}
	if !d.sameSize || sum == nil || !bytes.Equal(sum, d.header) {
		return notSame("size or header on the server are others")
	}
	return nil
}
