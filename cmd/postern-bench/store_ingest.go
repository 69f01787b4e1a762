package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"postern/internal/mailgen"
	"postern/internal/query"
	"postern/store"
)

// durable stores and indexes new mail in a store of its own: parsed, on disk, searchable.
func (b *storeBench) durable(ctx context.Context) error {
	n, chunk := b.storeFlags.ingest, max(b.storeFlags.ingest/4, 1)
	dir := filepath.Join(b.dir, "ingest")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m, err := openMailstore(ctx, b.binary, dir, 2, n)
	if err != nil {
		return err
	}
	defer m.Close()
	var stored, indexed spent
	for at := 0; at < n; at += chunk {
		mails := m.generate(at, min(at+chunk, n))
		err := stored.add(func() error {
			_, err := m.ingest(ctx, at, mails)
			return err
		})
		if err == nil {
			err = indexed.add(func() error { return m.IndexAll(ctx) })
		}
		if err != nil {
			return err
		}
	}
	both := stored.wall + indexed.wall
	fmt.Fprintf(b.out, "| new mail, %s messages in steps of %s | a second | processor, µs a message | goal |\n| --- | ---: | ---: | --- |\n", grouped(n), grouped(chunk))
	row := func(name string, wall, cpu time.Duration, verdict string) {
		fmt.Fprintf(b.out, "| %s | %s | %s | %s |\n", name, grouped(perSecond(n, wall)), grouped(int(cpu.Microseconds())/n), verdict)
	}
	row("parsed and on disk", stored.wall, stored.cpu, rateVerdict(perSecond(n, stored.wall), 4000))
	row("indexed, alone", indexed.wall, indexed.cpu, "")
	row("parsed, on disk and searchable, one after the other", both, stored.cpu+indexed.cpu, rateVerdict(perSecond(n, both), 1500))
	fmt.Fprintln(b.out)
	return nil
}

// spent is the time that something took, by the clock and by the processor's.
type spent struct{ wall, cpu time.Duration }

func (s *spent) add(do func() error) error {
	begun, cpu := time.Now(), cpuTime()
	err := do()
	s.wall, s.cpu = s.wall+time.Since(begun), s.cpu+cpuTime()-cpu
	return err
}

// cpuTime is the processor's time that this process has had.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for a bad argument alone
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perSecond(n int, d time.Duration) int { return int(float64(n) / d.Seconds()) }

func rateVerdict(got, want int) string {
	if got < want {
		return fmt.Sprintf("missed (%s)", grouped(want))
	}
	return fmt.Sprintf("reached (%s)", grouped(want))
}

// busy asks for lists while new mail comes in at 1,000 messages a second, and looks how
// long it takes until a message is found.
func (b *storeBench) busy(ctx context.Context) error {
	const rate, seconds = 1000, 15
	m := b.large
	if err := warm(m.portal.dataDir()); err != nil {
		return err
	}
	from := m.state.Next
	mails := m.generate(from, from+rate*seconds)
	running, stop := context.WithCancel(ctx)
	defer stop()
	indexed := make(chan error, 1)
	go func() { indexed <- m.RunIndexer(running) }()
	var lags []time.Duration
	stored := make(chan error, 1)
	go func() {
		var err error
		lags, err = m.trickle(running, from, mails, rate)
		stored <- err
	}()
	questions := listQuestions()
	fmt.Fprintf(b.out, "| list, 50 rows, while %s messages a second come in | p50 / p99 | goal |\n| --- | ---: | --- |\n", grouped(rate))
	begun := time.Now()
	for _, q := range questions {
		a, err := q.time(ctx, m, b.rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %s | %s |\n", q.name, a, q.verdict(a))
	}
	asked := time.Since(begun)
	if err := <-stored; err != nil {
		return err
	}
	took := time.Since(begun)
	stop()
	if err := <-indexed; err != nil {
		return err
	}
	m.state.Next += len(mails)
	for i := range mails {
		m.state.Octets += int64(len(mails[i].Raw))
	}
	if err := m.saveState(); err != nil {
		return err
	}
	slices.Sort(lags)
	if len(lags) == 0 {
		return errors.New("no message was looked for")
	}
	fmt.Fprintf(b.out, "\nThe lists were asked for in %.0f s, the mail came in %.0f s (%s a second). From on disk to found by a search: median %s ms, longest %s ms (goal: under 1 s).\n\n",
		asked.Seconds(), took.Seconds(), grouped(perSecond(len(mails), took)), ms(lags[len(lags)/2]), ms(lags[len(lags)-1]))
	return nil
}

// trickle stores mail at a steady rate, in batches of a tenth of a second, and measures
// with every tenth batch how long it takes until its first message is found.
func (m *mailstore) trickle(ctx context.Context, from int, mails []mailgen.Mail, rate int) (lags []time.Duration, err error) {
	step := rate / 10
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	found := make(chan error, len(mails))
	waiting := 0
	lag := make(chan time.Duration, len(mails))
	for i := 0; i < len(mails); i += step {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		word := fmt.Sprintf("lag%dx%d", from, i)
		mails[i].Raw = bytes.Replace(mails[i].Raw, []byte("\r\nSubject: "), []byte("\r\nSubject: "+word+" "), 1)
		if err := m.addBlock(ctx, from+i, mails[i:min(i+step, len(mails))]); err != nil {
			return nil, err
		}
		if i/step%10 != 5 {
			continue
		}
		waiting++
		begun := time.Now()
		go func() {
			err := m.untilFound(ctx, word)
			lag <- time.Since(begun)
			found <- err
		}()
	}
	for range waiting {
		err = errors.Join(err, <-found)
		lags = append(lags, <-lag)
	}
	return lags, err
}

// untilFound searches for a word until it is found.
func (m *mailstore) untilFound(ctx context.Context, word string) error {
	for {
		p, err := m.Messages(ctx, m.user, store.View{Query: query.Parse(word, time.Now()), Limit: 1, Count: store.CountNone})
		if err != nil || len(p.Messages) > 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// oldMail adds old messages, spread over all the years, to a store that is full.
func (b *storeBench) oldMail(ctx context.Context) error {
	m := b.large
	other := &mailstore{Store: m.Store, user: m.user, accounts: m.accounts, state: fill{Seed: uint64(time.Now().UnixNano()), Plan: b.storeFlags.old}}
	var stored, indexed time.Duration
	const chunk = 10_000
	for at := 0; at < b.storeFlags.old; at += chunk {
		mails := other.generate(at, min(at+chunk, b.storeFlags.old))
		begun := time.Now()
		octets, err := other.ingest(ctx, at, mails)
		if err != nil {
			return err
		}
		stored += time.Since(begun)
		begun = time.Now()
		if err := m.IndexAll(ctx); err != nil {
			return err
		}
		indexed += time.Since(begun)
		m.state.Octets += octets
	}
	fmt.Fprintf(b.out, "%s old messages, spread over ten years, into a store of %s: on disk at %s a second, indexed at %s a second.\n\n",
		grouped(b.storeFlags.old), grouped(m.state.Next), grouped(perSecond(b.storeFlags.old, stored)), grouped(perSecond(b.storeFlags.old, indexed)))
	return m.saveState()
}
