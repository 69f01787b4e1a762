package seal

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrBusy says that too many hashes are asked for at once.
var ErrBusy = errors.New("too many passwords are checked at this moment")

// turns lets a few hashes run at a time, since each takes 32 MiB. The newest who waits
// comes first, and the longest wait ends with ErrBusy when too many wait: of a flood most
// is turned away, and who comes after it, or tries again, is let in at once. In a queue
// everybody would wait behind the flood.
type turns struct {
	mu      sync.Mutex
	free    int
	most    int            // who wait
	waiting []chan<- error // the newest last; nil is sent to whose turn it is
}

// take waits for a turn. done must be called after it, unless there was an error.
func (t *turns) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	turn := make(chan error, 1)
	if len(t.waiting) >= t.most {
		t.waiting[0] <- ErrBusy
		t.waiting = t.waiting[1:]
	}
	t.waiting = append(t.waiting, turn)
	t.mu.Unlock()
	select {
	case err := <-turn:
		return err
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.waiting, turn); i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	} else if err := <-turn; err == nil { // it came at this very moment: pass it on
		t.pass()
	}
	return ctx.Err()
}

// done gives a turn back.
func (t *turns) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass()
}

func (t *turns) pass() {
	last := len(t.waiting) - 1
	if last < 0 {
		t.free++
		return
	}
	t.waiting[last] <- nil
	t.waiting = t.waiting[:last]
}
