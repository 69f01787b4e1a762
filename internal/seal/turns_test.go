package seal

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := &turns{free: 2, most: 3}
		var mu sync.Mutex // two may come back at the same moment
		var got []int
		results := map[int]error{}
		enter := func(n int, ctx context.Context) {
			go func() {
				err := ts.take(ctx)
				mu.Lock()
				defer mu.Unlock()
				results[n] = err
				if err == nil {
					got = append(got, n)
				}
			}()
			synctest.Wait()
		}
		impatient, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		for n := range 6 { // 0 and 1 run, 2 to 5 wait, which is one too many
			ctx := t.Context()
			if n == 4 {
				ctx = impatient
			}
			enter(n, ctx)
		}
		if !errors.Is(results[2], ErrBusy) {
			t.Errorf("who waited longest: %v", results[2])
		}
		ts.done()
		synctest.Wait()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !errors.Is(results[4], context.DeadlineExceeded) {
			t.Errorf("who had no patience: %v", results[4])
		}
		for range 3 {
			ts.done()
			synctest.Wait()
		}
		if len(got) != 4 || got[2] != 5 || got[3] != 3 {
			t.Errorf("turns: %v, want the newest first", got)
		}
		if ts.free != 2 || len(ts.waiting) != 0 {
			t.Errorf("%d free, %d waiting at the end", ts.free, len(ts.waiting))
		}
	})
}
