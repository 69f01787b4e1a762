package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

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
	return s.inSlices(entries, slicing{count: 10, most: outlineBatch}, outliningEnds, func(step []entry, _ []int) error {
		batch, tooSlow := s.readOutlines(ctx, step)
		if tooSlow != nil && !errors.Is(tooSlow, errTooSlow) {
			return tooSlow
		}
		return errors.Join(tooSlow, s.keepOutlines(context.WithoutCancel(ctx), batch))
	})
}

// keepOutlines stores headers, or where the store does not take one, that there is a message.
func (s *session) keepOutlines(ctx context.Context, batch []store.Incoming) error {
	unfit, err := s.addOutlines(ctx, batch)
	if err == nil && len(unfit) > 0 {
		unfit, err = s.addSizes(ctx, unfit)
	}
	switch {
	case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrNotFound):
		return err
	case err != nil:
		return notStored(err)
	case len(unfit) > 0:
		s.record.Remarks = append(s.record.Remarks, told("%s on the server cannot be shown in the lists.", plural(len(unfit), "%d message", "%d messages")))
	}
	return nil
}

// addOutlines stores headers and returns those that the store does not take.
func (s *session) addOutlines(ctx context.Context, batch []store.Incoming) (unfit []store.Incoming, err error) {
	added, refused, err := s.Store.AddPartial(ctx, s.account, batch)
	if added > 0 {
		s.Observer.MailArrived(s.account.User, s.account.ID, added)
	}
	for _, i := range refused {
		unfit = append(unfit, batch[i])
	}
	return unfit, err
}

// addSizes stores messages with nothing known of them but their size.
func (s *session) addSizes(ctx context.Context, batch []store.Incoming) (unfit []store.Incoming, err error) {
	for i, in := range batch {
		if batch[i], err = s.outlineOf(entry{uid: in.UID, octets: in.Octets}, nil, nil); err != nil {
			return nil, err
		}
	}
	return s.addOutlines(ctx, batch)
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

// readOutlines asks for headers. When the server is too slow, it returns those that came.
func (s *session) readOutlines(ctx context.Context, entries []entry) ([]store.Incoming, error) {
	found := make(map[int]*header, len(entries))
	var under *header
	open := func(int) (io.Writer, error) {
		under = &header{fingerprint: newFingerprint()}
		return under, nil
	}
	done := func(num int, _ int64, err error) error {
		switch refused := (*pop3client.Error)(nil); {
		case errors.As(err, &refused):
			found[num] = nil
		case err != nil:
			return err
		default:
			found[num] = under
		}
		return s.came()
	}
	tooSlow := s.topAll(ctx, entries, open, done)
	batch := make([]store.Incoming, 0, len(entries))
	for _, e := range entries {
		var raw, sum []byte
		h, asked := found[e.num]
		if !asked {
			continue
		}
		if h != nil {
			raw = h.raw.Bytes()
			sum, _ = h.sums()
		}
		in, err := s.outlineOf(e, raw, sum)
		if errors.Is(err, errUnreadable) {
			in, err = s.outlineOf(e, nil, nil)
		}
		if err != nil {
			return nil, fmt.Errorf("read a header: %w", err)
		}
		batch = append(batch, in)
	}
	return batch, tooSlow
}

// outlineOf makes of a message's header what is stored of it; nil: only its size is known.
func (s *session) outlineOf(e entry, raw, sum []byte) (store.Incoming, error) {
	r := bytes.NewReader(raw)
	m, err := s.parse(r)
	if err != nil {
		return store.Incoming{}, err
	}
	m.Defects, m.Text, m.Snippet = nil, "", "" // there is no body to speak of
	in := store.Incoming{UID: e.uid, Octets: e.octets, Raw: r, Size: r.Size(), Header: sum, Message: m, Retrieved: s.Store.Now()}
	in.Unread = !s.old(m, in.Retrieved)
	return in, nil
}

// refuseWanted tells those who asked for messages that they cannot have: these are larger than
// Postern takes, or were tried in vain, of which the last try has told why.
func (s *session) refuseWanted(ctx context.Context, entries []entry) error {
	for _, e := range entries {
		trouble := ""
		if e.octets > s.MaxSize {
			trouble = told("It has %s, and this Postern fetches at most %s (--max-message-size).", megabytes(e.octets), megabytes(s.MaxSize))
		}
		if err := s.Store.Unwanted(ctx, s.account, e.uid, trouble); err != nil {
			return err
		}
	}
	return nil
}
