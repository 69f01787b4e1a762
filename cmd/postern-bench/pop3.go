package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"time"
)

// pop3Flags are the flags of the subcommand.
type pop3Flags struct {
	many, few  int
	size       int
	giant      int64
	rounds     int
	slowRounds int
	rtts       durations
	profile    string
}

func (f *pop3Flags) parse(args []string) error {
	f.rtts = durations{50 * time.Millisecond, 200 * time.Millisecond}
	set := flag.NewFlagSet("postern-bench pop3", flag.ContinueOnError)
	set.IntVar(&f.many, "messages", 10_000, "messages of the large maildrop")
	set.IntVar(&f.few, "few", 500, "messages of the small maildrop, for those who go one by one")
	set.IntVar(&f.size, "size", 10<<10, "octets of a message, about")
	set.Int64Var(&f.giant, "giant", 1<<30, "octets of the largest message, for the memory it takes")
	set.IntVar(&f.rounds, "rounds", 3, "how often everything is run")
	set.IntVar(&f.slowRounds, "slow-rounds", 1, "how often runs are run that last longer than "+slow.String())
	set.Var(&f.rtts, "rtt", "round trips, separated by commas")
	set.StringVar(&f.profile, "profile", "", "folder for CPU profiles of Postern's runs")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 || min(f.many, f.few, f.size, f.rounds, f.slowRounds) < 1 || f.giant < 1000 || f.many == f.few {
		return errors.New("numbers must be at least 1 (of -giant, 1000), the maildrops of different size, and there are no arguments")
	}
	return nil
}

// durations is a flag of several durations.
type durations []time.Duration

// String implements flag.Value.
func (d *durations) String() string {
	var s []string
	for _, one := range *d {
		s = append(s, one.String())
	}
	return strings.Join(s, ",")
}

// Set implements flag.Value.
func (d *durations) Set(s string) error {
	*d = nil
	for part := range strings.SplitSeq(s, ",") {
		one, err := time.ParseDuration(part)
		if err != nil {
			return err
		}
		*d = append(*d, one)
	}
	return nil
}

// trials are the lines of the table.
func (f *pop3Flags) trials() []trial {
	t := []trial{{f.many, 0, false}, {f.many, 0, true}}
	for _, rtt := range f.rtts {
		t = append(t, trial{f.few, rtt, false}, trial{f.many, rtt, false})
	}
	return t
}

// benchPOP3 retrieves and discards: two maildrops of Dovecot, near and far, by
// pop3client and by other programs, and then messages larger than memory should be.
func benchPOP3(ctx context.Context, args []string, out io.Writer) error {
	var f pop3Flags
	if err := f.parse(args); err != nil {
		return err
	}
	began := load1()
	r, err := f.race(ctx)
	if err != nil {
		return err
	}
	var loads []drained
	for _, l := range []load{{100, f.giant / 100}, {1, f.giant}} {
		d, err := drain(ctx, l)
		if err != nil {
			return err
		}
		loads = append(loads, d)
	}
	machine(out, r.contenders, began)
	if err := measured(out, f.rtts); err != nil {
		return err
	}
	r.table(out)
	memoryTable(out, r, loads)
	f.goals(r, loads).write(out)
	return nil
}

// race sets up the servers, runs the trials and takes the servers down.
func (f *pop3Flags) race(ctx context.Context) (*race, error) {
	r := &race{trials: f.trials(), rounds: f.rounds, slowRounds: f.slowRounds, servers: map[int]*server{}}
	r.note = r.noteHeap
	var err error
	if r.contenders, err = contenders(f.profile); err != nil {
		return nil, err
	}
	if r.dir, err = os.MkdirTemp("", "postern-bench"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(r.dir)
	for _, n := range []int{f.many, f.few} {
		s, err := startServer(ctx, n, f.size)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		r.servers[n] = s
	}
	return r, r.run(ctx)
}
