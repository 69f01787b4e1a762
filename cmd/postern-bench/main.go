// Command postern-bench measures Postern beside the programs that people use for the
// same work, in one run on one machine: its ratios mean something, its times alone
// little. Each benchmark is a subcommand, in a file of its own, and writes Markdown to
// its standard output and what it is doing to its standard error.
//
//	postern-bench pop3      retrieving a maildrop, beside mpop and fetchmail
//	postern-bench store     a million messages: lists, search, ingest, disk, memory
//	postern-bench sync      the same, and keeping it: the whole program
//
// It is for those who work on Postern, and no part of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// subcommand is a benchmark, or a part of one that needs a process of its own.
type subcommand struct {
	name  string
	about string // one line; "" keeps it out of the help
	run   func(ctx context.Context, args []string, out io.Writer) error
}

func subcommands() []subcommand {
	return []subcommand{
		{"pop3", "retrieving a maildrop, beside mpop and fetchmail", benchPOP3},
		{"sync", "retrieving a maildrop and keeping it, the whole program beside mpop and fetchmail", benchSync},
		{"store", "the store and its search with a million messages, beside notmuch and mu", benchStore},
		{openCommand, "", openOnce},
		{retrieveCommand, "", retrieve},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "postern-bench:", err)
		os.Exit(1)
	}
}

// run finds the subcommand and runs it.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		for _, s := range subcommands() {
			if s.name == args[0] {
				return s.run(ctx, args[1:], out)
			}
		}
	}
	fmt.Fprintln(os.Stderr, "Usage: postern-bench BENCHMARK [-help | flags]")
	for _, s := range subcommands() {
		if s.about != "" {
			fmt.Fprintf(os.Stderr, "  %-8s %s\n", s.name, s.about)
		}
	}
	return flag.ErrHelp
}
