package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/store"
)

// A batch of retrieved messages is stored when one of these is reached. The first
// ones are small, so that the newest mail can be read at once.
const (
	firstBatch  = 10
	batchSize   = 200
	batchOctets = 1 << 20
	batchTime   = 50 * time.Millisecond
)

// allBatches is what the batches of all sessions may hold together, about: many small ones
// share their commits, so they cost little more than a few large ones.
const allBatches = 2 << 20

// batchLimit is how many octets make a batch while as many sessions run as do now.
func (w *Worker) batchLimit() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return min(batchOctets, allBatches/int64(max(len(w.running), 1)))
}

// batch is what has been retrieved and is stored together.
type batch struct {
	entries []entry
	in      []store.Incoming
	spools  []*spool
	octets  int64
	since   time.Time // when the first of it came
}

func (b *batch) add(e entry, in store.Incoming, sp *spool) {
	if len(b.in) == 0 {
		b.since = time.Now()
	}
	b.entries = append(b.entries, e)
	b.in = append(b.in, in)
	b.octets += max(in.Size, sp.held())
}

// old tells whether the batch has waited long enough.
func (b *batch) old() bool { return len(b.in) > 0 && time.Since(b.since) >= batchTime }

func (b *batch) close() {
	for _, sp := range b.spools {
		sp.close()
	}
}

// stored is what came of a batch.
type stored struct {
	batch
	kept []store.Kept
	err  error
}

// handOver has the batch stored while the next one is retrieved. There is one on its way
// at a time: the network waits for the disk, and memory holds two.
func (r *retriever) handOver() error {
	if err := r.settle(); err != nil || len(r.batch.in) == 0 {
		return err
	}
	b := r.batch
	r.batch = batch{}
	r.handed += len(b.in)
	// Whole messages are kept, whatever ends the session meanwhile.
	ctx, done := context.WithoutCancel(r.ctx), make(chan stored, 1)
	r.storing = done
	go func() {
		kept, err := r.Store.AddMessages(ctx, r.account, b.in)
		if n := added(kept); n > 0 {
			r.Observer.MailArrived(r.account.User, r.account.ID, n)
		}
		done <- stored{b, kept, err}
	}()
	return nil
}

func added(kept []store.Kept) (n int) {
	for _, k := range kept {
		if k.Outcome == store.Added {
			n++
		}
	}
	return n
}

// settle waits until the batch on its way is on disk, and notes what came of it.
func (r *retriever) settle() error {
	if r.storing == nil {
		return nil
	}
	s := <-r.storing
	r.storing = nil
	s.close()
	switch {
	case errors.Is(s.err, store.ErrChanged), errors.Is(s.err, store.ErrNotFound):
		return s.err
	case s.err != nil:
		return notStored(s.err)
	}
	for i, k := range s.kept {
		if k.Outcome == store.Unfit {
			if err := r.skip(s.entries[i], fmt.Errorf("%w: %w", errUnfit, k.Err)); err != nil {
				return err
			}
			continue
		}
		r.uids = append(r.uids, s.in[i].UID)
		if k.Outcome == store.Added {
			r.record.Retrieved++
			r.record.Octets += s.in[i].Size
		}
	}
	return nil
}

// flush stores the batch; when it returns the messages are on disk.
func (r *retriever) flush() error {
	if err := r.handOver(); err != nil {
		return err
	}
	return r.settle()
}

// close gives up what was not stored. Nothing of the retriever runs after it.
func (r *retriever) close() {
	if r.storing != nil {
		s := <-r.storing
		s.close()
	}
	r.batch.close()
}
