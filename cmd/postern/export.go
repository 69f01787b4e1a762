package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"postern/internal/mailfile"
	"postern/internal/query"
	"postern/store"
)

type exportCmd struct {
	User    string `required:"" help:"Whose mail." placeholder:"NAME"`
	Account string `help:"Only mail of the account of this name." placeholder:"NAME"`
	Query   string `help:"Only what this search finds, in the portal's search language." placeholder:"QUERY"`
	Format  string `required:"" help:"mbox (one file, mboxrd), maildir or eml (a file for each message)." enum:"mbox,maildir,eml" placeholder:"NAME"`
	Path    string `arg:"" help:"The file or folder to make; - writes an mbox to standard output."`
}

func (exportCmd) Help() string {
	return `Messages are written octet for octet as they are stored, oldest first: without a query
everything, Junk and Trash too. A message without a line end at its end gets one in an mbox,
which cannot hold it otherwise.

Example:

    postern export --user anna --format mbox --query "from:bob before:2020" bob.mbox`
}

func (c exportCmd) Run(ctx context.Context, p *program) error {
	if c.Path == "-" && c.Format != "mbox" {
		return usageError{errors.New("only --format mbox can go to standard output")}
	}
	return p.withUser(ctx, c.User, func(s *store.Store, u store.User) (err error) {
		view, err := c.view(ctx, p, s, u)
		if err != nil {
			return err
		}
		ids, err := s.MessageIDs(ctx, u.ID, view, math.MaxInt32)
		if err != nil {
			return err
		}
		slices.Reverse(ids)
		w, finish, err := c.create(p)
		if err != nil {
			return err
		}
		n, damaged, err := exportAll(ctx, s, u.ID, ids, w, newProgress(p.err))
		if err = errors.Join(err, finish(err == nil)); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if c.Path != "-" {
			fmt.Fprintf(p.out, "%s exported to %s\n", counted(n, "message"), c.Path)
		}
		if damaged > 0 {
			return fmt.Errorf("export: %s left out, whose stored copy is damaged; see postern check --help", counted(damaged, "message"))
		}
		return nil
	})
}

// view says which messages are asked for.
func (c exportCmd) view(ctx context.Context, p *program, s *store.Store, u store.User) (v store.View, err error) {
	v.Query = query.Parse("in:anywhere", time.Now())
	if c.Query != "" {
		v.Query = query.Parse(c.Query, time.Now())
		if err := p.indexIfAlone(ctx, s); err != nil {
			return v, err
		}
	}
	for _, hint := range v.Query.Hints {
		fmt.Fprintln(p.err, "postern:", hint)
	}
	if c.Account == "" {
		return v, nil
	}
	accounts, err := s.Accounts(ctx, u.ID)
	for _, a := range accounts {
		if a.Name == c.Account {
			v.Account = a.ID
			return v, err
		}
	}
	return v, errors.Join(err, fmt.Errorf("%s has no account named %s; see postern account list", u.Name, c.Account))
}

// create begins what is to be written. Nothing that is there is written over, and an mbox has
// its name only when it is whole.
func (c exportCmd) create(p *program) (w mailfile.Writer, finish func(ok bool) error, err error) {
	if c.Path == "-" {
		w = mailfile.NewMboxWriter(p.out)
		return w, func(bool) error { return w.Close() }, nil
	}
	if err := isFree(c.Path); err != nil {
		return nil, nil, err
	}
	switch c.Format {
	case "maildir":
		w, err = mailfile.NewMaildirWriter(c.Path)
		return w, func(bool) error { return w.Close() }, err
	case "eml":
		w, err = mailfile.NewEmlWriter(c.Path)
		return w, func(bool) error { return w.Close() }, err
	}
	f, err := os.CreateTemp(filepath.Dir(c.Path), "."+filepath.Base(c.Path)+"-")
	if err != nil {
		return nil, nil, err
	}
	w = mailfile.NewMboxWriter(f)
	return w, func(ok bool) error {
		err := errors.Join(w.Close(), f.Close())
		if ok && err == nil {
			err = os.Rename(f.Name(), c.Path)
		}
		if !ok || err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
		return err
	}, nil
}

// isFree tells that nothing is at a path, or an empty folder.
func isFree(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && len(entries) == 0:
		return nil
	}
	return fmt.Errorf("%s is there already; nothing is written over", path)
}

// exportAll writes messages and tells how many. One that was purged meanwhile is left out, and so are those whose
// stored copy is damaged: who saves mail from a failing disk needs the others.
func exportAll(ctx context.Context, s *store.Store, user store.UserID, ids []store.MessageID, w mailfile.Writer, out *progress) (n, damaged int, err error) {
	defer out.end()
	out.total = int64(len(ids))
	for i, id := range ids {
		m, err := s.Summary(ctx, user, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return n, damaged, err
		}
		if m.Partial {
			out.note("message %d is left out: it was not fetched from its server, only its header is here", id)
			continue
		}
		octets, err := s.Octets(ctx, user, id)
		if err == nil {
			err = octets.Verify()
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case errors.Is(err, store.ErrDamaged):
			out.note("message %d is left out: %v", id, err)
			damaged++
			continue
		case err != nil:
			return n, damaged, fmt.Errorf("message %d: %w", id, err)
		}
		err = w.Write(mailfile.Entry{
			ID: int64(m.ID), Mailbox: m.Mailbox.String(), Unread: m.Unread, Starred: m.Starred,
			From: m.From.Address, Received: m.Received, Octets: io.NewSectionReader(octets, 0, octets.Size()),
		})
		if err != nil {
			return n, damaged, fmt.Errorf("message %d: %w", id, err)
		}
		n++
		out.messages = n
		out.at(int64(i + 1))
	}
	return n, damaged, nil
}
