package main

import (
	"context"
	"errors"
	"fmt"

	"postern/store"
)

type checkCmd struct {
	Fix bool `help:"Mend what is derived: counters, marks and the search index."`
}

func (checkCmd) Help() string {
	return "Works beside a running serve; --fix wants serve stopped.\n\nExample:\n\n    postern check --fix"
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
	messages, err := s.Check(ctx, fix, func(finding string) {
		found++
		fmt.Fprintln(p.out, finding)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d messages read back, %d findings\n", messages, found)
	if found > 0 && !fix {
		return errors.New("something is wrong; postern check --fix mends what can be mended")
	}
	return nil
}
