package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// Whatever changes share a transaction, one that fails takes none with it, and each of the
// others happens once.
func TestAFailingChangeTakesNoOtherWithIt(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir())
	errFails := errors.New("this one fails")
	const jobs = 5
	for failing := range jobs {
		for plain := range jobs + 1 { // the one that is not repeatable; jobs: all are
			name := fmt.Sprintf("%d fails, %d is not repeatable", failing, plain)
			if err := s.write(ctx, func(tx *tx) error { return tx.w.exec("DELETE FROM meta WHERE key LIKE 'job%'") }); err != nil {
				t.Fatal(err)
			}
			hold, begun := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var all sync.WaitGroup
			errs, ran, told := make([]error, jobs), make([]int, jobs), make([]int, jobs)
			for i := range jobs {
				change := func(tx *tx) error {
					if ran[i]++; i == 0 {
						once.Do(func() { close(begun) })
						<-hold
					}
					tx.afterCommit(func() { told[i]++ })
					if _, err := tx.exec("INSERT INTO meta VALUES (?, 0)", fmt.Sprint("job", i)); err != nil {
						return err
					}
					if i == failing {
						return errFails
					}
					return nil
				}
				j := &job{ctx: ctx, change: change, repeatable: i != plain, ready: make(chan struct{})}
				all.Go(func() { errs[i] = s.data.write.await(j) })
				if i == 0 {
					<-begun // the others wait for it, in any order
				}
			}
			close(hold)
			all.Wait()
			for i := range jobs {
				n, err := one(ctx, s.data.read, scanValue[int], "SELECT count(*) FROM meta WHERE key = ?", fmt.Sprint("job", i))
				if err != nil {
					t.Fatal(err)
				}
				want := 1
				if i == failing {
					want = 0
				}
				if n != want || told[i] != want || (errs[i] == nil) != (want == 1) || i == failing && !errors.Is(errs[i], errFails) {
					t.Errorf("%s: job %d: %d rows, told %d times after the commit, error %v", name, i, n, told[i], errs[i])
				}
				if i == plain && ran[i] != 1 {
					t.Errorf("%s: it ran %d times", name, ran[i])
				}
			}
		}
	}
}
