package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/internal/mailgen"
	"postern/internal/message"
	"postern/internal/seal"
	"postern/store"
)

// mailstore is a data directory full of made-up mail. It stays from run to run, and is
// filled further where it was left.
type mailstore struct {
	*store.Store
	portal   *portal
	dir      string
	user     store.UserID
	accounts []store.Account
	labels   map[string]store.LabelID
	state    fill
}

// fill is how far a mailstore is filled; a file beside it says so.
type fill struct {
	Seed   uint64
	Plan   int   // messages of the generator, which spreads them over ten years
	Next   int   // the first message that is not in it
	Octets int64 // raw octets of those that are
}

const blockSize = 200 // messages that go into the store together

// openMailstore opens the data directory in dir, or makes it with the portal's owner and
// twenty accounts that are never checked.
func openMailstore(ctx context.Context, binary, dir string, seed uint64, plan int) (*mailstore, error) {
	m := &mailstore{portal: &portal{binary, filepath.Join(dir, "postern")}, dir: dir, state: fill{Seed: seed, Plan: plan}}
	data, err := os.ReadFile(m.statePath())
	switch {
	case errors.Is(err, os.ErrNotExist):
		if m.portal, err = newPortal(ctx, binary, dir); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(data, &m.state); err != nil {
			return nil, err
		}
	}
	return m, errors.Join(m.open(ctx), m.saveState())
}

func (m *mailstore) statePath() string { return filepath.Join(m.dir, "fill.json") }

func (m *mailstore) open(ctx context.Context) error {
	key, err := seal.LoadKey(filepath.Join(m.portal.dataDir(), "postern.key"), true)
	if err != nil {
		return err
	}
	if m.Store, err = store.Open(ctx, m.portal.dataDir(), store.Options{Key: key}); err != nil {
		return err
	}
	u, err := m.UserNamed(ctx, owner)
	if err != nil {
		return err
	}
	m.user = u.ID
	have, err := m.Accounts(ctx, m.user)
	if err != nil {
		return err
	}
	for n := len(have); n < m.generator().Accounts; n++ {
		v := store.Settings{
			Name: fmt.Sprintf("Account %d", n+1), Email: fmt.Sprintf("ann.%d@example.com", n), Username: fmt.Sprintf("ann.%d", n),
			Host: "127.0.0.1", Port: 9, Security: store.Plain, Policy: store.Keep, // port 9 refuses: nothing is ever fetched
		}
		if _, err := m.AddAccount(ctx, m.user, v, seal.NewSecret("none")); err != nil {
			return err
		}
	}
	if m.accounts, err = m.Accounts(ctx, m.user); err != nil {
		return err
	}
	return m.readLabels(ctx)
}

func (m *mailstore) generator() *mailgen.Generator { return mailgen.New(m.state.Seed, m.state.Plan) }

func (m *mailstore) saveState() error {
	data, err := json.Marshal(m.state)
	if err != nil {
		return err
	}
	return os.WriteFile(m.statePath(), data, 0o600)
}

// fillTo puts mail into the store until it has n messages, or ctx ends; what is there
// already is not put there twice.
func (m *mailstore) fillTo(ctx context.Context, n int) error {
	for m.state.Next < n && ctx.Err() == nil {
		const blocks = 10
		upTo := min(n, m.state.Next+blocks*blockSize)
		mails := m.generate(m.state.Next, upTo)
		octets, err := m.ingest(ctx, m.state.Next, mails)
		if err != nil {
			return err
		}
		m.state.Next, m.state.Octets = upTo, m.state.Octets+octets
		if err := m.saveState(); err != nil {
			return err
		}
	}
	return nil
}

// generate makes messages from up to to.
func (m *mailstore) generate(from, to int) []mailgen.Mail {
	g := m.generator()
	mails := make([]mailgen.Mail, to-from)
	var wg sync.WaitGroup
	const workers = 2
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(mails); i += workers {
				mails[i] = g.Message(from + i)
			}
		})
	}
	wg.Wait()
	return mails
}

// ingest parses and stores messages, the first of them number from, as several syncs at
// the same time would.
func (m *mailstore) ingest(ctx context.Context, from int, mails []mailgen.Mail) (octets int64, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i := 0; i < len(mails); i += blockSize {
		group.Go(func() error { return m.addBlock(ctx, from+i, mails[i:min(i+blockSize, len(mails))]) })
	}
	for i := range mails {
		octets += int64(len(mails[i].Raw))
	}
	return octets, group.Wait()
}

func (m *mailstore) addBlock(ctx context.Context, from int, mails []mailgen.Mail) error {
	byAccount := map[int][]store.Incoming{}
	for i := range mails {
		in, err := incoming(from+i, &mails[i])
		if err != nil {
			return err
		}
		byAccount[mails[i].Account] = append(byAccount[mails[i].Account], in)
	}
	group, ctx := errgroup.WithContext(ctx)
	for account, in := range byAccount {
		group.Go(func() error {
			_, err := m.AddMessages(ctx, m.accounts[account], in)
			return err
		})
	}
	return group.Wait()
}

// incoming parses a message and takes its fingerprints, as a sync does.
func incoming(n int, mail *mailgen.Mail) (store.Incoming, error) {
	r := bytes.NewReader(mail.Raw)
	parsed, err := message.Parse(r, r.Size())
	if err != nil {
		return store.Incoming{}, err
	}
	header := sha256.Sum256(mail.Raw[:bytes.Index(mail.Raw, []byte("\r\n\r\n"))])
	content := sha256.Sum256(mail.Raw)
	in := store.Incoming{
		UID: fmt.Sprintf("%08x.%d", n*2654435761, n), Octets: r.Size(), Raw: r, Size: r.Size(), Header: header[:], Content: content[:],
		Message: parsed, Unread: mail.Unread, Retrieved: time.Now(), Starred: mail.Starred, Labels: mail.Labels,
	}
	if mail.Archived {
		in.Mailbox = store.Archive
	}
	return in, nil
}

// thousand is a label that a thousand messages have, spread over all of them, however large
// the store is.
const thousand = "Thousand"

func (m *mailstore) labelThousand(ctx context.Context) error {
	if m.labels[thousand] != 0 {
		return nil
	}
	all, err := m.MessageIDs(ctx, m.user, store.View{}, m.state.Next)
	if err != nil {
		return err
	}
	some := make([]store.MessageID, min(1000, len(all)))
	for i := range some {
		some[i] = all[i*len(all)/len(some)]
	}
	if _, err := m.Label(ctx, m.user, thousand, true, some); err != nil {
		return err
	}
	return m.readLabels(ctx)
}

// readLabels notes which labels there are.
func (m *mailstore) readLabels(ctx context.Context) error {
	labels, err := m.Labels(ctx, m.user)
	m.labels = make(map[string]store.LabelID, len(labels))
	for _, l := range labels {
		m.labels[l.Name] = l.ID
	}
	return err
}

// settle brings the index up to date and ends what writes leave behind.
func (m *mailstore) settle(ctx context.Context) error {
	if err := m.IndexAll(ctx); err != nil {
		return err
	}
	return m.Housekeep(ctx)
}
