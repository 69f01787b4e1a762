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
	return p.withStore(ctx, func(s *store.Store) error {
		found := 0
		messages, err := s.Check(ctx, c.Fix, func(finding string) {
			found++
			fmt.Fprintln(p.out, finding)
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%d messages read back, %d findings\n", messages, found)
		if found > 0 && !c.Fix {
			return errors.New("something is wrong; postern check --fix mends what can be mended")
		}
		return nil
	})
}
