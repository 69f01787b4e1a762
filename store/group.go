package store

import (
	"context"
	"fmt"
	"time"
)

// A group commit ends at whichever comes first.
const (
	groupSize = 200
	groupTime = 50 * time.Millisecond
)

// group are the jobs of one transaction. What a job did must be taken back if it fails, and
// nothing else with it. The first runs bare, for the whole transaction can be rolled back;
// so do those after it as long as all before them can be run again. Others have savepoints.
type group struct {
	w    *writer
	jobs []*job
	tx   *tx
	bare bool // all that ran until now is repeatable
}

// run begins a transaction and runs the jobs in it that are there and that wait. An error
// is one that no job of the group survives.
func (g *group) run() error {
	deadline := time.Now().Add(groupTime)
	if err := g.begin(); err != nil {
		return err
	}
	first := g.jobs[0]
	if g.attempt(first); first.err != nil {
		return first.err
	}
	g.bare = first.repeatable
	for len(g.jobs) < groupSize && time.Now().Before(deadline) {
		select {
		case j := <-g.w.jobs:
			g.jobs = append(g.jobs, j)
			if err := g.join(j); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// begin begins the transaction: IMMEDIATE, because a reading one that turns into a writing
// one gets "busy" at once when another process writes; the busy time-out does not help.
func (g *group) begin() error {
	g.tx = &tx{w: g.w, now: g.w.now().UnixMilli()}
	if err := g.w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// attempt runs a job as it is.
func (g *group) attempt(j *job) {
	if j.err = context.Cause(j.ctx); j.err == nil {
		j.err = j.change(g.tx)
	}
}

// join runs a job that is not the first.
func (g *group) join(j *job) error {
	if !g.bare {
		return g.guarded(j)
	}
	if !j.repeatable {
		g.bare = false
		return g.guarded(j)
	}
	if g.attempt(j); j.err == nil {
		return nil
	}
	return g.again()
}

// guarded runs a job in a savepoint.
func (g *group) guarded(j *job) error {
	kept := len(g.tx.after)
	if j.err = g.tx.part(func(*tx) error { g.attempt(j); return j.err }); j.err != nil {
		g.tx.after = g.tx.after[:kept]
	}
	return g.tx.dead
}

// again takes back a transaction in which a job without a savepoint has failed, and runs all
// of its jobs once more, each in a savepoint.
func (g *group) again() error {
	g.w.exec("ROLLBACK")
	if err := g.begin(); err != nil {
		return err
	}
	g.bare = false
	for _, j := range g.jobs {
		if err := g.guarded(j); err != nil {
			return err
		}
	}
	return nil
}
