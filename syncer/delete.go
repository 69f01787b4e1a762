package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"postern/pop3client"
	"postern/store"
)

// maxDeletions is how many messages a session deletes before it ends with QUIT, so
// that a line that drops later does not cost them all.
const maxDeletions = 500

// requestByPolicy enters into the ledger what the account's policy wants deleted: the
// messages it had stored before, and with "delete after download" those of this
// session, which are on disk by now.
func (s *session) requestByPolicy(ctx context.Context, uids []string) error {
	reason := store.AfterDays
	if s.account.Policy == store.DeleteAfterDownload {
		reason = store.AfterDownload
		known, err := s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
		if err != nil {
			return err
		}
		uids = uids[:0]
		for i := range known {
			if k := &known[i]; k.Listed && k.Retrieved && k.Proved && deleteByPolicy(s.account, k, s.Store.Now()) {
				uids = append(uids, k.UID)
			}
		}
	}
	if len(uids) == 0 {
		return nil
	}
	return s.Store.RequestDeletions(ctx, s.account.User, s.account.ID, uids, reason)
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
	byNum := map[int]store.DeletionID{}
	var ids []store.DeletionID
	for _, d := range due {
		switch err := s.prove(ctx, d); {
		case errors.Is(err, errNotSame):
			if err := s.Store.RefuseDeletion(ctx, user, account, d.ID, err.Error()); err != nil {
				return nil, err
			}
			s.record.Remarks = append(s.record.Remarks, fmt.Sprintf("“%s” was not deleted: %v.", d.Subject, err))
		case err != nil:
			return nil, err
		default:
			byNum[d.num] = d.ID
			ids = append(ids, d.ID)
		}
	}
	claimed, err := s.Store.ClaimDeletions(ctx, user, account, ids)
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
	s.done, s.total, s.octets, s.expect = 0, len(nums), 0, 0
	s.progress("deleting")
	var marked []store.DeletionID
	err := s.client.DeleAll(ctx, nums, func(num int, err error) error {
		s.done++
		s.progress("deleting")
		var refused *pop3client.Error
		switch {
		case errors.As(err, &refused):
			s.record.Remarks = append(s.record.Remarks, fmt.Sprintf("The server refused to delete message %d: “%s”.", num, refused.Text))
			return s.Store.RefuseDeletion(ctx, s.account.User, s.account.ID, byNum[num], refused.Text)
		case err != nil:
			return err
		}
		marked = append(marked, byNum[num])
		return nil
	})
	return marked, err
}

// errNotSame says why a message must stay on the server.
var errNotSame = errors.New("the stored copy does not stand for it")

// prove makes sure, just before DELE, that the stored copy is sound and is this very
// message. Its unique-id was in every listing since it was stored; where its size has
// changed since, the headers are compared too.
func (s *session) prove(ctx context.Context, d doomed) error {
	stored, err := s.Store.DeletionOctets(ctx, s.account.User, d.ID)
	if errors.Is(err, store.ErrNotFound) {
		// A person has purged it and the row outlived it: only the listing speaks for it.
		if d.sameSize {
			return nil
		}
		return fmt.Errorf("%w: it was purged here and has another size on the server", errNotSame)
	}
	if err != nil {
		return err
	}
	if err := stored.Verify(); err != nil {
		return fmt.Errorf("%w: %w", errNotSame, err)
	}
	if d.sameSize {
		return nil
	}
	var top bytes.Buffer
	if _, err := s.client.Top(ctx, d.num, 0, &top); err != nil {
		var refused *pop3client.Error
		if errors.As(err, &refused) {
			return fmt.Errorf("%w: its size on the server has changed, and the server does not show its header", errNotSame)
		}
		return err
	}
	head, err := io.ReadAll(io.NewSectionReader(stored, 0, min(stored.Size(), int64(top.Len())+64<<10)))
	if err != nil {
		return err
	}
	if ownHeader(head) != ownHeader(top.Bytes()) {
		return fmt.Errorf("%w: size and header on the server are others", errNotSame)
	}
	return nil
}

// serverFields are header fields that servers add or change in a stored message.
var serverFields = map[string]bool{
	"status": true, "x-status": true, "x-uid": true, "x-uidl": true, "x-imap": true, "x-imapbase": true,
	"x-keywords": true, "content-length": true, "lines": true,
}

// ownHeader is a message's header as its sender and the ways it came wrote it.
func ownHeader(raw []byte) string {
	var b strings.Builder
	skip := false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(line, ":")
			skip = serverFields[strings.ToLower(strings.TrimSpace(name))]
		}
		if !skip {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
