package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"postern/internal/mailgen"
	"postern/internal/query"
	"postern/store"
)

// peer is a program that indexes a Maildir and searches it.
type peer struct {
	name    string
	version []string
	index   func(p *peers) [][]string // commands that take everything in
	search  func(p *peers, text string) []string
	nothing string // a search that finds nothing, for what its start costs
}

var peerPrograms = []peer{
	{
		name: "notmuch", version: []string{"notmuch", "--version"},
		index: func(*peers) [][]string { return [][]string{{"notmuch", "new", "--quiet"}} },
		search: func(_ *peers, q string) []string {
			return []string{"notmuch", "search", "--output=messages", "--sort=newest-first", "--limit=50", q}
		},
		nothing: "id:nothing@example.com",
	}, {
		name: "mu", version: []string{"mu", "--version"},
		index: func(p *peers) [][]string {
			home := "--muhome=" + filepath.Join(p.dir, "mu")
			return [][]string{{"mu", "init", "--quiet", home, "--maildir=" + p.maildir()}, {"mu", "index", "--quiet", home}}
		},
		search: func(p *peers, q string) []string {
			return []string{"mu", "find", "--muhome=" + filepath.Join(p.dir, "mu"), "--maxnum=50", "--sortfield=date", "--reverse", q}
		},
		nothing: "msgid:nothing@example.com",
	},
}

// peerSearches are what all of them are asked.
var peerSearches = []string{"account", "invoice", "invoice payment", "meeting tomorrow", "zzyzx", "会议"}

// peers is the comparison with other programs: the same messages, as files.
type peers struct {
	dir  string
	have []peer
}

func (p *peers) maildir() string { return filepath.Join(p.dir, "mail") }

// against lets Postern and the other programs take in and search the same messages.
func (b *storeBench) against(ctx context.Context) error {
	p := &peers{dir: filepath.Join(b.dir, "peers")}
	if err := os.RemoveAll(p.dir); err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)
	for _, program := range peerPrograms {
		if out, err := exec.CommandContext(ctx, program.version[0], program.version[1:]...).Output(); err == nil {
			line, _, _ := strings.Cut(string(out), "\n")
			fmt.Fprintln(b.out, "Beside Postern:", line)
			p.have = append(p.have, program)
		}
	}
	if len(p.have) == 0 {
		fmt.Fprint(b.out, "Neither notmuch nor mu is installed: nothing to compare with.\n\n")
		return nil
	}
	if err := p.write(mailgen.New(3, b.storeFlags.peers), b.storeFlags.peers); err != nil {
		return err
	}
	ours, err := openMailstore(ctx, b.binary, filepath.Join(p.dir, "postern"), 3, b.storeFlags.peers)
	if err != nil {
		return err
	}
	defer ours.Close()
	if err := p.ingestTable(ctx, b, ours); err != nil {
		return err
	}
	return p.searchTable(ctx, b, ours)
}

// write makes the Maildir.
func (p *peers) write(g *mailgen.Generator, n int) error {
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(p.maildir(), sub), 0o700); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(p.dir, "mu"), 0o700); err != nil {
		return err
	}
	config := fmt.Sprintf("[database]\npath=%s\n[user]\nname=Ann\nprimary_email=ann@example.com\n[new]\ntags=inbox\n", p.maildir())
	if err := os.WriteFile(filepath.Join(p.dir, "notmuch-config"), []byte(config), 0o600); err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(p.file(i), g.Message(i).Raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *peers) file(n int) string {
	return filepath.Join(p.maildir(), "cur", fmt.Sprintf("%d.%d.host:2,S", 1_700_000_000+n, n))
}

// run runs a command of one of the programs.
func (p *peers) run(ctx context.Context, args []string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "NOTMUCH_CONFIG="+filepath.Join(p.dir, "notmuch-config"), "XAPIAN_CJK_NGRAM=1")
	begun := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(begun)
	var exit *exec.ExitError
	if errors.As(err, &exit) && args[0] == "mu" && args[1] == "find" && exit.ExitCode() == 4 {
		err = nil // nothing found
	}
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return took, err
}

// ingestTable takes the files in, by each program in turn.
func (p *peers) ingestTable(ctx context.Context, b *storeBench, ours *mailstore) error {
	n := b.storeFlags.peers
	begun := time.Now()
	for at := 0; at < n; at += 10 * blockSize {
		var mails []mailgen.Mail
		for i := at; i < min(at+10*blockSize, n); i++ {
			raw, err := os.ReadFile(p.file(i))
			if err != nil {
				return err
			}
			mails = append(mails, mailgen.Mail{Raw: raw})
		}
		if _, err := ours.ingest(ctx, at, mails); err != nil {
			return err
		}
	}
	stored := time.Since(begun)
	if err := ours.IndexAll(ctx); err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Fprintf(b.out, "\n| %s files taken in | seconds | a second | ÷ Postern |\n| --- | ---: | ---: | ---: |\n", grouped(n))
	fmt.Fprintf(b.out, "| Postern, a copy on disk | %.1f | %s | |\n| Postern, a copy on disk and searchable | %.1f | %s | 1 |\n",
		stored.Seconds(), grouped(perSecond(n, stored)), took.Seconds(), grouped(perSecond(n, took)))
	for _, program := range p.have {
		var sum time.Duration
		for _, args := range program.index(p) {
			d, err := p.run(ctx, args)
			if err != nil {
				return err
			}
			sum += d
		}
		fmt.Fprintf(b.out, "| %s, searchable, the files stay theirs | %.1f | %s | %.2f |\n", program.name, sum.Seconds(), grouped(perSecond(n, sum)), float64(sum)/float64(took))
	}
	return nil
}

// searchTable asks all of them the same. What starting another program costs is taken off
// its times.
func (p *peers) searchTable(ctx context.Context, b *storeBench, ours *mailstore) error {
	fmt.Fprint(b.out, "\n| newest 50, ms, median of 15 | Postern |")
	rule := "| --- | ---: |"
	for _, program := range p.have {
		fmt.Fprintf(b.out, " %s | ÷ Postern |", program.name)
		rule += " ---: | ---: |"
	}
	fmt.Fprintf(b.out, "\n%s\n", rule)
	starts := make([]time.Duration, len(p.have))
	for i, program := range p.have {
		var err error
		if starts[i], err = p.timed(ctx, program.search(p, program.nothing)); err != nil {
			return err
		}
	}
	for _, text := range peerSearches {
		q := question{name: text, ask: view(func(*mailstore, *rand.Rand) store.View {
			return store.View{Query: query.Parse(text, time.Now()), Count: store.CountNone}
		})}
		a, err := q.time(ctx, ours, 15)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %s |", text, ms(a.p50))
		for i, program := range p.have {
			d, err := p.timed(ctx, program.search(p, text))
			if err != nil {
				return err
			}
			d = max(d-starts[i], 0)
			fmt.Fprintf(b.out, " %s | %.1f |", ms(d), float64(d)/float64(a.p50))
		}
		fmt.Fprintln(b.out)
	}
	for i, program := range p.have {
		fmt.Fprintf(b.out, "\nThe start of %s, %s ms, is taken off.", program.name, ms(starts[i]))
	}
	fmt.Fprint(b.out, "\n\n")
	return nil
}

// timed is the median of fifteen runs.
func (p *peers) timed(ctx context.Context, args []string) (time.Duration, error) {
	var took []time.Duration
	for range 15 {
		d, err := p.run(ctx, args)
		if err != nil {
			return 0, err
		}
		took = append(took, d)
	}
	return median(took), nil
}
