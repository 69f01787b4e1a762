package syncer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/pop3client"
	"postern/store"
)

// session is one session with one account's maildrop, and what has come of it.
type session struct {
	*Worker
	account store.Account
	client  *pop3client.Client
	listed  []entry
	record  store.Sync
	phase   string
	done    int
	total   int
	octets  int64   // retrieved so far
	expect  int64   // to retrieve, by the scan listing
	ends    outcome // what is known so far of when the next one is due
	more    bool    // the next session should follow at once
	begun   time.Time
	stop    context.CancelCauseFunc // ends the session without QUIT
	asked   int                     // replies of the slice under way that have not come
	since   time.Time
	trace   transcript
}

// session holds one session with the account and records it. The error is only about
// the record: what went wrong with the server stands in it.
func (w *Worker) session(ctx context.Context, a store.Account) (store.Sync, error) {
	// What was said of the account while this session waited for its place stands.
	a, err := w.Store.Account(ctx, a.User, a.ID)
	if err != nil || a.Removed {
		return store.Sync{Account: a.ID}, ignoreGone(err)
	}
	s := &session{Worker: w, account: a, record: store.Sync{Account: a.ID, Started: w.Store.Now()}, begun: time.Now()}
	ctx, s.stop = context.WithCancelCause(ctx)
	defer s.stop(nil)
	w.Observer.SyncStarted(a.User, a.ID)
	err = s.run(ctx)
	var trouble *Trouble
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		trouble = explain(err, a.Settings)
		if pipe := (*pop3client.PipelineError)(nil); errors.As(err, &pipe) && trouble.Kind != Interrupted {
			w.habits(a.ID).oneByOne, s.record.Unfinished = true, true
			s.record.Remarks = append(s.record.Remarks, told("The connection broke while several commands were under way; the next session sends them one by one."))
		}
	}
	s.record.Ended = w.Store.Now()
	s.record.OK = trouble == nil
	s.record.Unfinished = s.record.Unfinished || s.more && trouble == nil
	s.record.Sentence = s.sentence(trouble)
	if trouble == nil || !trouble.veiled {
		s.record.Transcript = s.trace.String()
	}
	w.Log.Info("sync", "account", a.ID, "ok", s.record.OK, "retrieved", s.record.Retrieved, "deleted", s.record.Deleted,
		"gone", s.record.Gone, "skipped", s.record.Skipped, "octets", s.record.Octets, "remarks", len(s.record.Remarks), "took", s.record.Ended.Sub(s.record.Started), "result", s.record.Sentence)
	// The record is kept also when the program is told to end.
	s.ends.trouble, s.ends.unfinished, s.ends.mail = trouble, s.more, s.record.Retrieved > 0
	err = w.Store.FinishSync(context.WithoutCancel(ctx), a, s.record, schedule(a, s.ends, w.Store.Now()))
	w.Observer.SyncEnded(a.User, s.record)
	return s.record, ignoreGone(err)
}

// ignoreGone drops the error about an account that was removed meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// run does the session's work. Whatever ends it early leaves the maildrop as it was:
// without QUIT the server forgets the marks for deletion (RFC 1939 §6).
func (s *session) run(ctx context.Context) error {
	password, err := s.Store.AccountPassword(ctx, s.account.User, s.account.ID)
	if err != nil {
		return fmt.Errorf("password: %w", err)
	}
	user, err := s.Store.User(ctx, s.account.User)
	if err != nil {
		return err
	}
	s.progress("connecting")
	opt := pop3client.Options{Limits: pop3client.Limits{MessageOctets: 4 * s.MaxSize}, Trace: s.trace.add}
	if s.habits(s.account.ID).oneByOne {
		opt.Pipelining = pop3client.PipelineOff
	}
	s.client, err = s.Connect.login(ctx, user.Owner, s.account.Settings, password, opt)
	if err != nil {
		return err
	}
	defer s.client.Close()
	if err := s.heedCertificate(ctx); err != nil {
		return err
	}
	s.heedCapabilities()
	s.progress("listing")
	p, err := s.plan(ctx)
	if err != nil {
		return err
	}
	if err := s.retrieve(ctx, p.retrieve); err != nil {
		return err
	}
	if err := errors.Join(s.outline(ctx, p.outline), s.refuseWanted(ctx, p.vain)); err != nil {
		return err
	}
	if err := s.requestByPolicy(ctx, p); err != nil {
		return err
	}
	marked, err := s.delete(ctx)
	if err != nil {
		return err
	}
	return s.quit(ctx, marked)
}

// heedCapabilities notes what the server says about when to come and how long it keeps
// mail (RFC 2449 §6.5, §6.7).
func (s *session) heedCapabilities() {
	caps := s.client.Capabilities()
	if d, ok := caps.LoginDelay(); ok && d > 0 {
		s.ends.loginAfter = s.Store.Now().Add(min(d, longest))
	}
	if days, ok := caps.Expire(); ok && days > 0 {
		s.ends.keeps = time.Duration(days) * 24 * time.Hour
		s.record.Remarks = append(s.record.Remarks, told("The server deletes mail by itself after %s; what is fetched stays here.", plural(days, "%d day", "%d days")))
	}
}

// plan lists the maildrop, notes what the listing changes, and decides the rest.
func (s *session) plan(ctx context.Context) (plan, error) {
	known, err := s.Store.UniqueIDs(ctx, s.account.User, s.account.ID)
	if err != nil {
		return plan{}, err
	}
	l, err := s.list(ctx, known)
	if err != nil {
		return plan{}, err
	}
	s.record.Remarks = append(s.record.Remarks, l.remarks...)
	s.listed = l.entries
	if len(l.unnamed) > 0 {
		if known, err = s.nameByRetrieval(ctx, &l, known); err != nil {
			return plan{}, err
		}
	}
	p := makePlan(s.account, s.listed, known, s.MaxSize, s.Store.Now())
	// Where messages are not listed or not named, none is known to be missing.
	complete := len(l.hidden) == 0 && (l.short == 0 || s.habits(s.account.ID).shortAgain(l.short))
	// Where what was retrieved is not listed again, it is no wonder that all is new.
	if complete && !s.hidesRetrieved() && p.renumbered(known) {
		if known, complete, err = s.rename(ctx, p, known); err != nil {
			return plan{}, err
		}
		p = makePlan(s.account, s.listed, known, s.MaxSize, s.Store.Now())
		if !complete {
			p.retrieve = nil // they may be known
		}
	} else {
		s.habits(s.account.ID).headers = nil
	}
	if !complete {
		p.missing = nil
	}
	change := store.Listing{Count: len(s.listed), Missing: p.missing, Back: p.back}
	for _, e := range s.listed {
		change.Octets += e.octets
	}
	confirmed, err := s.Store.ApplyListing(ctx, s.account, change)
	if err != nil {
		return plan{}, err
	}
	s.record.Gone = len(p.missing) - confirmed
	s.record.Skipped += len(p.skipped)
	for _, e := range p.skipped {
		limit := s.MaxSize
		if overLimit(s.account, e) {
			limit = min(limit, s.account.MaxSize)
		}
		if e.octets > limit {
			s.record.Remarks = append(s.record.Remarks, told("Message %d stays on the server: %s is over the limit of %s.", e.num, megabytes(e.octets), megabytes(limit)))
		}
	}
	p.retrieve = append(p.retrieve, s.shownAgain(p, known)...)
	err = s.reprove(ctx, &p, known)
	return p, err
}

// quit ends the session; only now does the server delete. Its answer is a promise:
// the next listing tells whether it was kept.
func (s *session) quit(ctx context.Context, marked []store.DeletionID) error {
	if len(marked) > 0 {
		// The last moment at which nothing has been deleted yet.
		if err := s.Store.Quitting(ctx, s.account); err != nil {
			return err
		}
	}
	err := s.client.Quit(ctx)
	if err == nil {
		s.record.Deleted = len(marked)
		return s.Store.DeletionsSent(context.WithoutCancel(ctx), s.account, marked)
	}
	if len(marked) == 0 {
		return nil // everything is done; a server that hangs up rudely changes nothing
	}
	s.record.Remarks = append(s.record.Remarks, told("The server did not confirm the deletions (%v); the next check will see.", err))
	return nil
}

// sentence sums the session up for people.
func (s *session) sentence(t *Trouble) string {
	var parts []string
	add := func(n int, one, many i18n.Key) {
		if n > 0 {
			parts = append(parts, plural(n, one, many))
		}
	}
	add(s.record.Retrieved, "%d new message", "%d new messages")
	add(s.record.Deleted, "%d deleted on the server", "%d deleted on the server")
	add(s.record.Gone, "%d no longer on the server", "%d no longer on the server")
	add(s.record.Skipped, "%d not fetched", "%d not fetched")
	done := strings.Join(parts, ", ")
	switch {
	case t == nil && done == "":
		return told("Nothing new.")
	case t == nil:
		return done + "."
	}
	said := t.Error()
	if t.Kind.passes() && s.account.Interval > 0 {
		said += " " + told("It is tried again later.")
	}
	if done == "" {
		return said
	}
	return said + " " + told("Until then: %s.", done)
}

// progress tells the observer how far the session is.
func (s *session) progress(phase string) {
	if phase != s.phase {
		s.phase, s.since = phase, time.Now()
	}
	left := time.Duration(-1)
	if gone := time.Since(s.since); s.octets > 0 && gone > time.Second {
		left = time.Duration(float64(gone) * float64(max(s.expect-s.octets, 0)) / float64(s.octets))
	}
	s.Observer.SyncProgress(s.account.User, s.account.ID, phase, s.done, s.total, s.octets, left)
}

// plural is one, or many, of n.
func plural(n int, one, many i18n.Key) string {
	if n == 1 {
		return told(one, n)
	}
	return told(many, n)
}

func megabytes(octets int64) string { return fmt.Sprintf("%.1f MB", float64(octets)/1e6) }
