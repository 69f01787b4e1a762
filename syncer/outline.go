package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"postern/internal/message"
	"postern/pop3client"
	"postern/store"
)

// maxOutline bounds the header of a message that stays on the server; it must fit into
// memory. outlineBatch is how many are stored together.
const (
	maxOutline   = memorySpool
	outlineBatch = 100
)

// outline fetches the headers of messages that stay on the server (TOP, RFC 1939 §7), so
// that they have a row in the lists. One whose header the server does not show has a row
// with its size alone.
func (s *session) outline(ctx context.Context, entries []entry) error {
	for len(entries) > 0 {
		step := entries[:min(len(entries), outlineBatch)]
		entries = entries[len(step):]
		batch, err := s.readOutlines(ctx, step)
		if err != nil {
			return err
		}
		added, err := s.Store.AddPartial(ctx, s.account, batch)
		switch {
		case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrNotFound):
			return err
		case err != nil:
			return notStored(err)
		}
		if added > 0 {
			s.Observer.MailArrived(s.account.User, s.account.ID, added)
		}
	}
	return nil
}

// header takes in the beginning of what TOP shows and passes over the rest.
type header struct {
	raw bytes.Buffer
	*fingerprint
}

// Write implements io.Writer; it never fails.
func (h *header) Write(p []byte) (int, error) {
	h.raw.Write(p[:min(len(p), maxOutline-h.raw.Len())])
	return h.fingerprint.Write(p)
}

// readOutlines asks for headers.
func (s *session) readOutlines(ctx context.Context, entries []entry) ([]store.Incoming, error) {
	nums := make([]int, len(entries))
	found := make(map[int]*header, len(entries))
	for i, e := range entries {
		nums[i] = e.num
	}
	var under *header
	open := func(int) (io.Writer, error) {
		under = &header{fingerprint: newFingerprint()}
		return under, nil
	}
	done := func(num int, _ int64, err error) error {
		if refused := (*pop3client.Error)(nil); errors.As(err, &refused) {
			return nil
		}
		found[num] = under
		return err
	}
	if err := s.client.TopAll(ctx, nums, 0, open, done); err != nil {
		return nil, err
	}
	batch := make([]store.Incoming, 0, len(entries))
	for _, e := range entries {
		in := store.Incoming{UID: e.uid, Octets: e.octets, Unread: true, Retrieved: s.Store.Now()}
		raw := []byte{}
		if h := found[e.num]; h != nil {
			raw = h.raw.Bytes()
			in.Header, _ = h.sums()
		}
		m, err := message.Parse(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return nil, fmt.Errorf("read a header: %w", err)
		}
		m.Defects, m.Text, m.Snippet = nil, "", "" // there is no body to speak of
		in.Raw, in.Size, in.Message = bytes.NewReader(raw), int64(len(raw)), m
		in.Unread = !s.old(m, in.Retrieved)
		batch = append(batch, in)
	}
	return batch, nil
}

// refuseWanted tells those who asked for messages that are larger than Postern takes.
func (s *session) refuseWanted(ctx context.Context, entries []entry) error {
	for _, e := range entries {
		trouble := fmt.Sprintf("It has %s, and this Postern fetches at most %s (--max-message-size).", megabytes(e.octets), megabytes(s.MaxSize))
		if err := s.Store.Unwanted(ctx, s.account, e.uid, trouble); err != nil {
			return err
		}
	}
	return nil
}
