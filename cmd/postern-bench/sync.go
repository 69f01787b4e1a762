package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// syncFlags are the flags of the subcommand.
type syncFlags struct {
	messages   counts
	size       int
	rounds     int
	manyRounds int
	rtts       durations
	accounts   int
	newest     int
}

// many is from how many messages on a maildrop is synced in manyRounds rounds only.
const many = 50_000

func (f *syncFlags) parse(args []string) error {
	f.messages, f.rtts = counts{10_000, 100_000}, durations{50 * time.Millisecond}
	set := flag.NewFlagSet("postern-bench sync", flag.ContinueOnError)
	set.Var(&f.messages, "messages", "messages of the maildrops, separated by commas")
	set.IntVar(&f.size, "size", 10<<10, "octets of a message, about")
	set.IntVar(&f.rounds, "rounds", 3, "how often everything is run")
	set.IntVar(&f.manyRounds, "many-rounds", 1, "the same for maildrops of "+grouped(many)+" messages and more")
	set.Var(&f.rtts, "rtt", "round trips, separated by commas")
	set.IntVar(&f.accounts, "accounts", 8, "accounts that are synced at the same time, for the memory it takes; 0: left out")
	set.IntVar(&f.newest, "newest", 50_000, "messages of the maildrop whose newest are waited for; 0: left out")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 || min(f.size, f.rounds, f.manyRounds, len(f.messages)) < 1 || min(f.accounts, f.newest) < 0 {
		return errors.New("numbers must be at least 1 (of -accounts and -newest, 0), and there are no arguments")
	}
	return nil
}

// roundsOf is how often a maildrop of n messages is synced.
func (f *syncFlags) roundsOf(n int) int {
	if n >= many {
		return f.manyRounds
	}
	return f.rounds
}

// counts is a flag of several numbers.
type counts []int

// String implements flag.Value.
func (c *counts) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(*c), " ", ","), "[]")
}

// Set implements flag.Value.
func (c *counts) Set(s string) error {
	*c = nil
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of messages", part)
		}
		*c = append(*c, n)
	}
	return nil
}

// benchSync syncs whole maildrops of Dovecot: near and far, by the whole program and by
// others that keep what they retrieve; then with the portal running, until the last
// message is found by a search.
func benchSync(ctx context.Context, args []string, out io.Writer) error {
	var f syncFlags
	if err := f.parse(args); err != nil {
		return err
	}
	began := load1()
	dir, err := os.MkdirTemp("", "postern-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := buildPostern(ctx, dir)
	if err != nil {
		return err
	}
	r := &syncRace{syncFlags: f, binary: binary, dir: dir}
	for _, n := range f.messages {
		if err := r.maildrop(ctx, n); err != nil {
			return err
		}
	}
	if f.newest > 0 {
		if r.first, err = r.newest50(ctx); err != nil {
			return err
		}
	}
	machine(out, r.races[0].contenders, began)
	if err := measured(out, f.rtts); err != nil {
		return err
	}
	for i := range r.races {
		r.races[i].table(out)
	}
	r.table(out)
	r.goals().write(out)
	return nil
}

// syncRace is all that is measured.
type syncRace struct {
	syncFlags
	binary, dir string

	races    []*race         // one for each maildrop
	searched []searchable    // the portal's runs
	first    []time.Duration // until the newest messages could be read
}

// maildrop does everything with a maildrop of n messages.
func (r *syncRace) maildrop(ctx context.Context, n int) error {
	s, err := startServer(ctx, n, r.size)
	if err != nil {
		return err
	}
	defer s.Close()
	one := &race{contenders: deliverers(r.binary), trials: []trial{{messages: n}}, rounds: r.roundsOf(n), slowRounds: 1,
		servers: map[int]*server{n: s}, dir: filepath.Join(r.dir, "race")}
	for _, rtt := range r.rtts {
		one.trials = append(one.trials, trial{messages: n, rtt: rtt})
	}
	r.races = append(r.races, one)
	if err := one.run(ctx); err != nil {
		return err
	}
	for range r.roundsOf(n) {
		if err := r.search(ctx, s, 1); err != nil {
			return err
		}
	}
	if r.accounts > 1 && n < many {
		return r.search(ctx, s, r.accounts)
	}
	return nil
}

// table writes what the portal's runs took.
func (r *syncRace) table(w io.Writer) {
	fmt.Fprintln(w, "| the portal running, seconds | stored | searchable | resident at its peak |\n| --- | ---: | ---: | ---: |")
	for _, s := range r.searched {
		fmt.Fprintf(w, "| %s messages, loopback%s | %.2f | %.2f | %s |\n", grouped(s.messages), s.accountsText(), s.stored.Seconds(), s.found.Seconds(), mebibytes(s.resident))
	}
	fmt.Fprintln(w)
	if len(r.first) > 0 {
		fmt.Fprintf(w, "From `Save account` to the %d newest of %s messages on the page and the last of them opened: %s seconds.\n\n", pageRows, grouped(r.syncFlags.newest), seconds(r.first))
	}
}

func seconds(all []time.Duration) string {
	var s []string
	for _, d := range all {
		s = append(s, fmt.Sprintf("%.2f", d.Seconds()))
	}
	return strings.Join(s, ", ")
}

// goals compares the figures with what Postern wants to be.
func (r *syncRace) goals() goals {
	var g goals
	for _, one := range r.races {
		for _, c := range one.contenders[1:] {
			for _, t := range one.trials {
				q, ok := one.quotient(t, c)
				if !ok || c.oneByOne && t.rtt == 0 {
					continue
				}
				most, want := 1.0, fmt.Sprintf("%v: stored faster than %s", t, c.name)
				if t.rtt == 0 {
					most, want = 1.25, fmt.Sprintf("%v: stored within 1.25 times the time of %s", t, c.name)
				}
				g = append(g, goal{want, fmt.Sprintf("%.2f times", 1/q), 1/q <= most})
				if t.rtt == 0 {
					g = append(g, r.searchGoal(t, c, median(one.times[t][c].took))...)
				}
			}
		}
	}
	for _, s := range r.searched {
		if s.accounts > 1 {
			g = append(g, goal{fmt.Sprintf("%d accounts syncing: resident under 150 MB", s.accounts), mebibytes(s.resident), s.resident < 150e6})
		}
	}
	if len(r.first) > 0 {
		last := median(r.first)
		g = append(g, goal{"the newest 50 messages readable within 5 s of Save account", fmt.Sprintf("%.2f s", last.Seconds()), last <= 5*time.Second})
	}
	return g
}

// searchGoal is that all is searchable within twice the time in which it has to be stored.
func (r *syncRace) searchGoal(t trial, c *contender, theirs time.Duration) goals {
	var found []time.Duration
	for _, s := range r.searched {
		if s.messages == t.messages && s.accounts == 1 {
			found = append(found, s.found)
		}
	}
	if len(found) == 0 {
		return nil
	}
	q := float64(median(found)) / float64(theirs)
	return goals{{fmt.Sprintf("%v: searchable within twice that", t), fmt.Sprintf("%.2f times the time of %s", q, c.name), q <= 2.5}}
}
