package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"postern/internal/mailfile"
	"postern/internal/message"
	"postern/store"
)

type importCmd struct {
	User       string           `required:"" help:"Whose mail it becomes." placeholder:"NAME"`
	Mailbox    string           `help:"Where mail goes that does not say where it lay: inbox, archive, junk or trash (${default})." enum:"inbox,archive,junk,trash" default:"inbox" placeholder:"NAME"`
	Label      []string         `help:"A label for all of it; may be given several times." sep:"none" placeholder:"NAME"`
	MboxFormat mailfile.Dialect `help:"How mbox files are quoted: auto, mboxo, mboxrd, mboxcl or mboxcl2 (${default})." default:"auto" placeholder:"NAME"`
	Paths      []string         `arg:"" name:"path" help:"Messages (.eml), mbox files, Maildirs, and folders of these; .gz and .zst too."`
}

func (importCmd) Help() string {
	return `Google Takeout's mbox brings its labels, read state and conversations with it, a Maildir its
flags and folders. What is here already is not added again, so an import that was
interrupted is simply run once more. Mail whose file does not say otherwise counts as read.

Example:

    postern import --user anna --label "Old mail" ~/Takeout/Mail ~/Maildir`
}

func (c importCmd) Run(ctx context.Context, p *program) error {
	return p.withUser(ctx, c.User, func(s *store.Store, u store.User) error {
		i := &importer{importCmd: c, store: s, user: u.ID, limit: int64(p.MaxMessageSize), out: newProgress(p.err),
			known: map[store.MessageID][]string{}, refused: map[string]bool{}}
		err := i.run(ctx)
		i.out.end()
		fmt.Fprintf(p.out, "%s imported, %d here already, %d passed over\n", counted(i.added, "message"), i.here, i.passed)
		if i.notMail > 0 {
			fmt.Fprintf(p.out, "%s held no mail\n", counted(i.notMail, "file"))
		}
		if errors.Is(err, context.Canceled) {
			return errors.New("the import was interrupted; run it again to go on")
		}
		if err == nil && i.failed > 0 {
			err = fmt.Errorf("%s could not be read", counted(i.failed, "file"))
		}
		return errors.Join(err, p.indexIfAlone(ctx, s))
	})
}

// A batch of imported messages is stored when one of these is reached.
const (
	importBatch  = 200
	importOctets = 8 << 20
)

// importer brings mail from files into the store, in batches.
type importer struct {
	importCmd
	store *store.Store
	user  store.UserID
	limit int64
	out   *progress

	batch  []store.Incoming
	octets int64                        // of the batch
	known  map[store.MessageID][]string // labels for messages that are here already

	added, here     int
	passed          int // messages
	failed, notMail int // files
	refused         map[string]bool
}

func (i *importer) run(ctx context.Context) error {
	i.measure()
	for _, path := range i.Paths {
		err := mailfile.Walk(path, func(s mailfile.Source) error { return i.source(ctx, s) }, i.unreadable)
		if fatal := (*storeError)(nil); errors.As(err, &fatal) || ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if err != nil {
			i.unreadable(path, err)
		}
	}
	return i.flush(ctx)
}

// storeError is trouble of the store, which ends an import; trouble of a file does not.
type storeError struct{ error }

func (e *storeError) Unwrap() error { return e.error }

// measure adds up the files, for the progress bar. What cannot be read is told later.
func (i *importer) measure() {
	for _, path := range i.Paths {
		mailfile.Walk(path, func(s mailfile.Source) error {
			i.out.total += s.Size
			return nil
		}, func(string, error) {})
	}
}

func (i *importer) unreadable(path string, err error) {
	i.failed++
	i.out.note("%s: %v", path, err)
}

// source reads one file. Only trouble of the store is returned.
func (i *importer) source(ctx context.Context, s mailfile.Source) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	err := s.Read(mailfile.Options{
		Limit: i.limit, Dialect: i.MboxFormat, Progress: i.out.at,
		Skipped: func(name string, err error) {
			i.passed++
			i.out.note("%s was passed over: %v", name, err)
		},
	}, func(m mailfile.Message) error {
		if err := i.message(ctx, m); err != nil {
			return &storeError{err}
		}
		return context.Cause(ctx)
	})
	i.out.past(s.Size)
	fatal := (*storeError)(nil)
	switch {
	case errors.Is(err, mailfile.ErrNotMail):
		i.notMail++
	case errors.As(err, &fatal), ctx.Err() != nil:
		return err
	case err != nil:
		i.unreadable(s.Path, err)
	}
	return nil
}

// message takes in one message.
func (i *importer) message(ctx context.Context, m mailfile.Message) error {
	i.out.messages = i.added + i.here + len(i.batch)
	labels := append(m.Labels[:len(m.Labels):len(m.Labels)], i.Label...)
	sums := spellings(m.Raw)
	id, err := i.store.Holds(ctx, i.user, sums...)
	switch {
	case err == nil:
		i.here++
		if len(labels) > 0 {
			i.known[id] = append(i.known[id], labels...)
		}
		return i.flushIfFull(ctx)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	raw := bytes.NewReader(bytes.Clone(m.Raw))
	parsed, err := message.Parse(raw, raw.Size())
	if err != nil {
		return err
	}
	mailbox, ok := store.MailboxNamed(m.Mailbox)
	if !ok {
		mailbox, _ = store.MailboxNamed(i.Mailbox)
	}
	i.batch = append(i.batch, store.Incoming{
		Raw: raw, Size: raw.Size(), Message: parsed, Unread: m.Unread, Retrieved: i.store.Now(),
		Mailbox: mailbox, Starred: m.Starred, Labels: labels, Thread: m.Thread, Alike: sums[1:],
	})
	i.octets += raw.Size()
	return i.flushIfFull(ctx)
}

func (i *importer) flushIfFull(ctx context.Context) error {
	if len(i.batch) >= importBatch || i.octets >= importOctets || len(i.known) >= importBatch {
		return i.flush(ctx)
	}
	return nil
}

// flush stores the batch; when it returns the messages are on disk.
func (i *importer) flush(ctx context.Context) error {
	if len(i.batch) > 0 {
		kept, err := i.store.ImportMessages(ctx, i.user, i.batch)
		if err != nil {
			return err
		}
		for _, k := range kept {
			if k.Outcome == store.Added {
				i.added++
			} else {
				i.here++
			}
			i.refuse(k.Unlabelled)
		}
		i.batch, i.octets = nil, 0
	}
	if len(i.known) > 0 {
		refused, err := i.store.AddLabels(ctx, i.user, i.known)
		if err != nil {
			return err
		}
		i.refuse(refused)
		clear(i.known)
	}
	return nil
}

// refuse says once of each name that it became no label.
func (i *importer) refuse(names []string) {
	for _, name := range names {
		if !i.refused[name] {
			i.refused[name] = true
			i.out.note("%q can be no label here; its mail was imported without it", name)
		}
	}
}

// counted writes "1 message", "2 messages".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
