package main

import (
	"context"
	"fmt"
	"sync"

	"postern/store"
	"postern/syncer"
)

type syncCmd struct {
	User    string `help:"Only this user's accounts." placeholder:"NAME"`
	Account string `help:"Only the account of this name." placeholder:"NAME"`
}

func (syncCmd) Help() string {
	return "One line for each account, which is checked again until nothing is left to do; it works beside a running serve.\n\nExample:\n\n    postern sync --user anna --account Work"
}

func (c syncCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		worker := p.worker(s, nil)
		var running sync.WaitGroup
		var mu sync.Mutex
		failed, count := 0, 0
		err := eachAccount(ctx, s, c.User, c.Account, func(u store.User, a store.Account) error {
			count++
			running.Go(func() {
				v, sessions, err := worker.Drain(ctx, a)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					v.Sentence = err.Error()
				}
				if err != nil || !v.OK {
					failed++
				}
				if sessions > 1 {
					v.Sentence = fmt.Sprintf("%d sessions, the last one: %s", sessions, v.Sentence)
				}
				fmt.Fprintf(p.out, "%s/%s: retrieved %d, deleted on server %d, gone %d, skipped %d, errors %d: %s\n",
					u.Name, a.Name, v.Retrieved, v.Deleted, v.Gone, v.Skipped, map[bool]int{true: 0, false: 1}[v.OK && err == nil], v.Sentence)
			})
			return nil
		})
		running.Wait()
		if err != nil {
			return err
		}
		if count == 0 {
			whose := "in " + p.DataDir
			if c.User != "" {
				whose = "of " + c.User + " " + whose
			}
			fmt.Fprintf(p.out, "Nothing to sync: there is no account %s. Add one in the portal, or with postern account add; if there should be some, name their place with --data-dir.\n", whose)
		}
		if failed > 0 {
			return fmt.Errorf("%d of %d accounts could not be synced", failed, count)
		}
		return nil
	})
}

// worker is the background worker as the settings say.
func (p *program) worker(s *store.Store, observer syncer.Observer) *syncer.Worker {
	return &syncer.Worker{
		Store: s, Connect: &syncer.Connector{Private: p.AllowPrivateHosts, Ports: p.POP3Ports}, Observer: observer,
		Log: p.log, Sessions: p.Workers, MaxSize: int64(p.MaxMessageSize),
	}
}
