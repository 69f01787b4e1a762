package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"postern/internal/query"
	"postern/store"
)

// searchable is one run of the portal with a sync in it.
type searchable struct {
	messages, accounts int
	stored, found      time.Duration // since the start of the process, the last of all accounts
	resident           uint64        // most octets of memory in use at one time
}

func (s searchable) accountsText() string {
	if s.accounts == 1 {
		return ""
	}
	return fmt.Sprintf(", %d accounts at the same time", s.accounts)
}

// search starts a portal with accounts that have the maildrop, each for a user of its
// own, and waits until the oldest message, which comes last, is found by all.
func (r *syncRace) search(ctx context.Context, s *server, accounts int) error {
	drops, closeRelays, err := apart(s.maildrop(false), accounts)
	if err != nil {
		return err
	}
	defer closeRelays()
	p, err := newPortal(ctx, r.binary, filepath.Join(r.dir, "portal"), drops...)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, p.dataDir(), store.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	begun := time.Now()
	serving, err := p.serve(ctx)
	if err != nil {
		return err
	}
	res := searchable{messages: s.messages, accounts: accounts}
	waitErr := func() error {
		users, err := st.Users(ctx)
		if err != nil {
			return err
		}
		for _, u := range users {
			if err := until(ctx, func() (bool, error) { return synced(ctx, st, u.ID) }); err != nil {
				return err
			}
		}
		res.stored = time.Since(begun)
		for _, u := range users {
			if err := until(ctx, func() (bool, error) { return finds(ctx, st, u.ID, `subject:"report 0"`, 1) }); err != nil {
				return err
			}
		}
		res.found = time.Since(begun)
		for _, u := range users {
			if ok, err := finds(ctx, st, u.ID, "subject:report", min(s.messages, store.CountLimit)); err != nil || !ok {
				return errors.Join(err, fmt.Errorf("not all of %d messages are found", s.messages))
			}
		}
		return nil
	}()
	res.resident, err = serving.stop()
	if err := errors.Join(waitErr, err); err != nil {
		return fmt.Errorf("portal with %d accounts: %w", accounts, err)
	}
	fmt.Fprintf(os.Stderr, "%s messages, %d accounts: stored %.2f s, searchable %.2f s, resident %s\n",
		grouped(s.messages), accounts, res.stored.Seconds(), res.found.Seconds(), mebibytes(res.resident))
	r.searched = append(r.searched, res)
	return nil
}

// apart gives each account the maildrop at an address of its own: Postern holds two
// sessions at a time with one server.
func apart(m maildrop, accounts int) (drops []maildrop, closeAll func(), err error) {
	var relays []*relay
	closeAll = func() {
		for _, r := range relays {
			r.Close()
		}
	}
	if accounts == 1 {
		return []maildrop{m}, closeAll, nil
	}
	for i := range accounts {
		r, err := newRelayAt(fmt.Sprint("127.0.0.", i+1), m.Addr, 0)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		relays = append(relays, r)
		own := m
		own.Addr = r.Addr()
		drops = append(drops, own)
	}
	return drops, closeAll, nil
}

// patience is how long one thing may take in all.
const patience = 10 * time.Minute

// until looks again and again until ready.
func until(ctx context.Context, ready func() (bool, error)) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ok, err := ready()
		switch {
		case ok || err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("not there after %v", patience)
		}
	}
}

// synced tells whether a user's account has been synced, and well.
func synced(ctx context.Context, s *store.Store, user store.UserID) (bool, error) {
	last, err := s.LastSyncs(ctx, user)
	if err != nil || len(last) == 0 {
		return false, err
	}
	for _, v := range last {
		if !v.OK {
			return false, errors.New(v.Sentence)
		}
	}
	return true, nil
}

// finds tells whether a search has that many hits.
func finds(ctx context.Context, s *store.Store, user store.UserID, q string, hits int) (bool, error) {
	page, err := s.Messages(ctx, user, store.View{Query: query.Parse(q, time.Now()), Limit: 1, Count: store.CountAll})
	return page.Total == hits, err
}

// pageRows is how many messages the portal's list has on a page.
const pageRows = 50

var (
	row  = regexp.MustCompile(`<li id="m\d+"`)
	link = regexp.MustCompile(`class="subject" href="([^"]+)"`)
)

// newest50 adds an account of a large maildrop as a person does, and waits until the list
// is full of mail and the last one on it can be opened.
func (r *syncRace) newest50(ctx context.Context) (took []time.Duration, err error) {
	s, err := startServer(ctx, r.syncFlags.newest, r.size)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for range r.rounds {
		p, err := newPortal(ctx, r.binary, filepath.Join(r.dir, "newest"))
		if err != nil {
			return nil, err
		}
		serving, err := p.serve(ctx)
		if err != nil {
			return nil, err
		}
		d, err := serving.saveAndRead(ctx, s.maildrop(false))
		if _, stopErr := serving.stop(); err != nil || stopErr != nil {
			return nil, fmt.Errorf("newest messages: %w", errors.Join(err, stopErr))
		}
		fmt.Fprintf(os.Stderr, "newest of %s messages: %.2f s\n", grouped(s.messages), d.Seconds())
		took = append(took, d)
	}
	return took, nil
}

// saveAndRead sends the account's form and gives the time until its newest mail is read.
func (s *serving) saveAndRead(ctx context.Context, m maildrop) (time.Duration, error) {
	b, err := s.browser()
	if err != nil {
		return 0, err
	}
	host, port, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	err = s.submit(b, "/accounts", url.Values{"email": {"bob@example.net"}, "host": {host}, "port": {port}, "security": {"none"},
		"username": {m.User}, "password": {m.Password}, "policy": {"keep"}})
	if err != nil {
		return 0, err
	}
	err = until(ctx, func() (bool, error) {
		page, err := s.get(b, "/mail/inbox")
		if err != nil || len(row.FindAll(page, -1)) < pageRows {
			return false, err
		}
		links := link.FindAllSubmatch(page, -1)
		if len(links) < pageRows {
			return false, fmt.Errorf("%d links on a page of %d messages", len(links), pageRows)
		}
		_, err = s.get(b, string(links[len(links)-1][1]))
		return true, err
	})
	return time.Since(begun), err
}
