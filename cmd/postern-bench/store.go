package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// storeFlags are the flags of the subcommand.
type storeFlags struct {
	dir      string
	messages int
	small    int
	peers    int
	old      int
	ingest   int
	rounds   int
	buildFor time.Duration
	only     string
	profile  string
}

func (f *storeFlags) parse(args []string) error {
	set := flag.NewFlagSet("postern-bench store", flag.ContinueOnError)
	set.StringVar(&f.dir, "dir", filepath.Join(os.TempDir(), "postern-bench-store"), "folder for the stores, which stay and are used again")
	set.IntVar(&f.messages, "messages", 1_000_000, "messages of the large store")
	set.IntVar(&f.small, "small", 10_000, "messages of the small store, to see what grows")
	set.IntVar(&f.peers, "peers", 100_000, "messages for the comparison with other programs")
	set.IntVar(&f.old, "old", 100_000, "old messages that are added to the large store")
	set.IntVar(&f.ingest, "ingest", 40_000, "messages that are stored and indexed in a new store")
	set.IntVar(&f.rounds, "rounds", 200, "how often each list and each search is asked for")
	set.DurationVar(&f.buildFor, "build-for", 0, "fill the large store for so long at most, and measure nothing if it is not full by then; 0: until it is")
	set.StringVar(&f.only, "only", strings.Join(sectionNames(), ","), "sections to measure")
	set.StringVar(&f.profile, "profile", "", "file for a CPU profile of what is measured in this process")
	if err := set.Parse(args); err != nil {
		return err
	}
	for name := range strings.SplitSeq(f.only, ",") {
		if !slices.Contains(sectionNames(), name) {
			return fmt.Errorf("-only: there is no section %q, only %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	if set.NArg() > 0 || min(f.messages, f.small, f.peers, f.old, f.ingest, f.rounds) < 1 {
		return errors.New("numbers must be at least 1, and there are no arguments")
	}
	return nil
}

// storeBench is a run of the subcommand.
type storeBench struct {
	storeFlags
	binary       string
	large, small *mailstore
	out          io.Writer
}

// sections are what can be measured, in their order. Those that make the large store
// larger come last.
var sections = []struct {
	name string
	run  func(*storeBench, context.Context) error
}{
	{"disk", (*storeBench).disk},
	{"open", (*storeBench).coldOpen},
	{"memory", (*storeBench).memory},
	{"lists", (*storeBench).lists},
	{"search", (*storeBench).search},
	{"pages", (*storeBench).pages},
	{"ingest", (*storeBench).durable},
	{"peers", (*storeBench).against},
	{"busy", (*storeBench).busy},
	{"old", (*storeBench).oldMail},
}

func sectionNames() (names []string) {
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

// benchStore measures the store and its search, with a million messages.
func benchStore(ctx context.Context, args []string, out io.Writer) error {
	b := &storeBench{out: out}
	if err := b.parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	began := load1()
	var err error
	if b.binary, err = buildPostern(ctx, b.dir); err != nil {
		return err
	}
	if b.small, err = b.build(ctx, fmt.Sprint("small-", b.storeFlags.small), b.storeFlags.small, 0); err != nil {
		return err
	}
	defer b.small.Close()
	if b.large, err = b.build(ctx, fmt.Sprint("large-", b.messages), b.messages, b.buildFor); err != nil {
		return err
	}
	defer b.large.Close()
	if b.large.state.Next < b.messages {
		fmt.Fprintf(os.Stderr, "%s of %s messages; run it again to go on\n", grouped(b.large.state.Next), grouped(b.messages))
		return nil
	}
	stop, err := profileTo(b.profile)
	if err != nil {
		return err
	}
	defer stop()
	for _, s := range sections {
		if !slices.Contains(strings.Split(b.only, ","), s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s...\n", s.name)
		if err := s.run(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	storeMachine(out, began)
	return nil
}

// build opens a store and fills it, for as long as limit (0: any time).
func (b *storeBench) build(ctx context.Context, name string, n int, limit time.Duration) (*mailstore, error) {
	m, err := openMailstore(ctx, b.binary, filepath.Join(b.dir, name), 1, n)
	if err == nil && m.state.Next >= n {
		// A new version of the index is built by itself, but not before it is asked for.
		err = errors.Join(m.IndexAll(ctx), m.labelThousand(ctx))
	}
	if err != nil || m.state.Next >= n {
		return m, err
	}
	fmt.Fprintf(os.Stderr, "%s: filled from %s to %s messages...\n", name, grouped(m.state.Next), grouped(n))
	filling := ctx
	if limit > 0 {
		var cancel context.CancelFunc
		filling, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	indexing, stop := context.WithCancel(ctx)
	indexed := make(chan error, 1)
	go func() { indexed <- m.RunIndexer(indexing) }()
	err = m.fillTo(filling, n)
	if filling.Err() != nil && ctx.Err() == nil {
		err = nil // time is up
	}
	stop()
	err = errors.Join(err, <-indexed)
	if err == nil && m.state.Next >= n {
		err = errors.Join(m.settle(ctx), m.labelThousand(ctx))
	}
	return m, err
}
