package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/store"
)

type checkCmd struct {
	Fix bool `help:"Mend what is derived: counters, marks and the search index; have damaged messages fetched again."`
}

func (checkCmd) Help() string {
	return "Works beside a running serve; --fix wants serve stopped. What it had mended when it\nwas interrupted stays mended.\n\nExample:\n\n    postern check --fix"
}

func (c checkCmd) Run(ctx context.Context, p *program) error {
	if c.Fix {
		unlock, err := p.lockDataDir()
		if err != nil {
			return err
		}
		defer unlock()
	}
	return p.withStore(ctx, func(s *store.Store) error { return p.check(ctx, s, c.Fix) })
}

// check reads everything back and prints what it finds.
func (p *program) check(ctx context.Context, s *store.Store, fix bool) error {
	found := 0
	bar := newProgress(p.err)
	messages, err := s.CheckWithProgress(ctx, fix, func(finding string) {
		bar.end()
		found++
		fmt.Fprintln(p.out, finding)
	}, func(done, total int) {
		if done <= bar.messages || int64(total) != bar.total { // the next part
			bar.start = time.Now()
		}
		bar.messages, bar.total = done, int64(total)
		bar.at(int64(done))
	})
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s read back, %s\n", counted(messages, "message"), counted(found, "finding"))
	if found > 0 && !fix {
		return errors.New("something is wrong; postern check --fix mends what can be mended")
	}
	return nil
}
