package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// trial is one line of the table: a maildrop at a distance.
type trial struct {
	messages int
	rtt      time.Duration // 0: loopback as it is
	tls      bool
}

// String describes the trial as the table does.
func (t trial) String() string {
	where := "loopback"
	if t.rtt > 0 {
		where = fmt.Sprintf("%d ms round trip", t.rtt.Milliseconds())
	}
	if t.tls {
		where += ", TLS"
	}
	return fmt.Sprintf("%s messages, %s", grouped(t.messages), where)
}

// times are the runs of one contender in one trial.
type times struct {
	took, cpu []time.Duration
}

// race is a row of trials, each run by all contenders, several times round.
type race struct {
	contenders []*contender // Postern is the first
	trials     []trial
	rounds     int
	slowRounds int // rounds for runs that are expected to last longer than slow
	servers    map[int]*server
	dir        string

	note func(t trial, output []byte) error // takes in what Postern's runs wrote; nil: nobody

	times map[trial]map[*contender]*times
	heap  map[trial]haul // the largest of Postern's runs
}

// Runs expected to last longer than slow are done in slowRounds rounds only, longer than
// tooSlow not at all.
const (
	slow    = 15 * time.Second
	tooSlow = 5 * time.Minute
)

// expected is a guess at how long a contender takes for a trial.
func (t trial) expected(c *contender) time.Duration {
	if !c.oneByOne {
		return 0
	}
	return 2 * t.rtt * time.Duration(t.messages) // as fetchmail does: LIST n, RETR n
}

// run runs the race: round by round, so that what else the machine does meets all alike.
func (r *race) run(ctx context.Context) error {
	r.times, r.heap = map[trial]map[*contender]*times{}, map[trial]haul{}
	for _, t := range r.trials {
		r.times[t] = map[*contender]*times{}
		for _, c := range r.contenders {
			r.times[t][c] = new(times)
		}
	}
	for round := range r.rounds {
		for _, t := range r.trials {
			for i := range r.contenders {
				c := r.contenders[(i+round)%len(r.contenders)]
				if e := t.expected(c); e > tooSlow || e > slow && round >= r.slowRounds {
					continue
				}
				if err := r.once(ctx, t, c, round); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// once is one contender's run of one trial.
func (r *race) once(ctx context.Context, t trial, c *contender, round int) error {
	server := r.servers[t.messages]
	m := server.maildrop(t.tls)
	if t.rtt > 0 {
		relay, err := newRelay(m.Addr, t.rtt)
		if err != nil {
			return err
		}
		defer relay.Close()
		m.Addr = relay.Addr()
	}
	dir := filepath.Join(r.dir, c.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	server.forget()
	res, err := c.run(ctx, dir, m)
	if err == nil {
		err = server.verify()
	}
	if err != nil {
		return fmt.Errorf("%v: %w", t, err)
	}
	fmt.Fprintf(os.Stderr, "round %d: %s: %s %.2f s\n", round+1, t, c.name, res.took.Seconds())
	runs := r.times[t][c]
	runs.took, runs.cpu = append(runs.took, res.took), append(runs.cpu, res.cpu)
	if c != r.contenders[0] || r.note == nil {
		return nil
	}
	return r.note(t, res.output)
}

// noteHeap keeps the largest heap that Postern had in a trial.
func (r *race) noteHeap(t trial, output []byte) error {
	var h haul
	if err := json.Unmarshal(output, &h); err != nil {
		return err
	}
	if h.Messages != t.messages {
		return fmt.Errorf("%v: %d messages retrieved", t, h.Messages)
	}
	if h.Heap > r.heap[t].Heap {
		r.heap[t] = h
	}
	return nil
}

// median is the middle one of durations, or the mean of the two in the middle.
func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	n := len(d)
	return (d[(n-1)/2] + d[n/2]) / 2
}
