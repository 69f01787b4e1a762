package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/query"
	"postern/internal/seal"
	"postern/store"
)

// modelled is what a message should be, by the plainest of models.
type modelled struct {
	account  store.AccountID
	word     string // found in no other message
	attached string // a word of its attachment, found in no other message; "": it has none
	mailbox  store.Mailbox
	cameFrom store.Mailbox
	unread   bool
	starred  bool
	labels   map[string]bool
}

// model is a store and what it should hold.
type model struct {
	*household
	r    *rand.Rand
	key  *seal.Key
	dir  string
	mail map[store.MessageID]*modelled
	n    int

	second   store.AccountID // comes and goes, with its mail
	searches map[store.SavedSearchID]string
	recent   []string // searches, the last one first
	images   map[string]bool
}

// TestStoreIsItsModel does random things to a store and to a map beside it, and lets the
// store die now and then: its files are taken as they are at that moment, at times in the
// middle of a change, at times without the log of the index, which no power cut is kept
// from taking. Whatever was told to be done is there afterwards, nothing else is, and
// every message is found. POSTERN_MODELS sets how many stores there are.
func TestStoreIsItsModel(t *testing.T) {
	t.Cleanup(store.SetRemovalPatience(0)) // the rows of what is removed go at some later time
	for seed := range uint64(fromEnv("POSTERN_MODELS", 6)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := &household{t: t}
			m := &model{household: h, r: rand.New(rand.NewPCG(seed, 1)), key: seal.NewKey(), dir: t.TempDir(), mail: map[store.MessageID]*modelled{},
				searches: map[store.SavedSearchID]string{}, images: map[string]bool{}}
			h.Store = m.openAt(m.dir)
			defer func() { h.Store.Close() }()
			h.user = h.addUser("ann")
			h.account, m.second = h.addAccount(store.Keep), h.addAccount(store.Keep)
			for range 150 {
				m.step()
			}
			m.compare()
		})
	}
}

func (m *model) openAt(dir string) *store.Store {
	m.t.Helper()
	s, err := store.Open(context.Background(), dir, store.Options{Key: m.key})
	m.check(err)
	return s
}

func (m *model) step() {
	switch p := m.r.IntN(100); {
	case p < 33:
		m.add()
	case p < 60:
		m.change()
	case p < 72:
		m.relabel()
	case p < 80:
		m.search()
	case p < 83:
		m.decide()
	case p < 85:
		m.removeAccount()
	case p < 88:
		m.check(m.IndexAll(context.Background()))
	case p < 90:
		m.readAttachments(&plainReader{})
	case p < 93:
		m.check(m.Housekeep(context.Background()))
	default:
		m.crash()
	}
}

func (m *model) add() {
	m.n++
	v := &modelled{account: m.account, word: fmt.Sprintf("w%dx", m.n), mailbox: store.Inbox, cameFrom: store.Inbox, unread: true, labels: map[string]bool{}}
	if m.r.IntN(3) == 0 {
		v.account = m.second
	}
	raw := mail(m.r.IntN(1000), "subject "+v.word, "您好 "+v.word)
	if m.r.IntN(3) == 0 {
		v.attached = fmt.Sprintf("a%dx", m.n)
		head, body, _ := strings.Cut(raw, "Content-Type: ")
		raw = head + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: " + body +
			"--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n" + v.attached + "\n--b--\n"
	}
	before := m.account
	m.account = v.account
	m.mail[m.deliver(raw)] = v
	m.account = before
}

// removeAccount removes the second account with its mail; another one takes its place.
func (m *model) removeAccount() {
	m.check(m.RemoveAccount(context.Background(), m.user, m.second, false))
	maps.DeleteFunc(m.mail, func(_ store.MessageID, v *modelled) bool { return v.account == m.second })
	m.second = m.addAccount(store.Keep)
}

// search keeps, renames or forgets a search, or only remembers one.
func (m *model) search() {
	ctx := context.Background()
	m.n++
	name := fmt.Sprint("搜索 ", m.n)
	ids := slices.Sorted(maps.Keys(m.searches))
	switch {
	case m.r.IntN(3) == 0:
		query := fmt.Sprint("from:bob ", m.r.IntN(40))
		m.check(m.NoteSearch(ctx, m.user, query))
		m.recent = append([]string{query}, slices.DeleteFunc(m.recent, func(q string) bool { return q == query })...)
		m.recent = m.recent[:min(len(m.recent), 30)]
	case len(ids) == 0 || m.r.IntN(2) == 0:
		id, err := m.SaveSearch(ctx, m.user, store.SavedSearch{Name: name, Query: "发票", Account: m.account})
		m.check(err)
		m.searches[id] = name
	case m.r.IntN(2) == 0:
		id := ids[m.r.IntN(len(ids))]
		m.check(m.RenameSearch(ctx, m.user, id, name))
		m.searches[id] = name
	default:
		m.check(m.RemoveSearch(ctx, m.user, ids[0]))
		delete(m.searches, ids[0])
	}
}

// decide has images of a sender loaded, or not any more.
func (m *model) decide() {
	sender, load := fmt.Sprintf("bob%d@example.net", m.r.IntN(4)), m.r.IntN(2) == 0
	m.check(m.SetSenderImages(context.Background(), m.user, sender, load))
	m.images[sender] = load
}

// some are a few messages that were not purged.
func (m *model) some() (ids []store.MessageID) {
	for _, id := range slices.Sorted(maps.Keys(m.mail)) {
		if m.mail[id].mailbox != store.Purged && m.r.IntN(4) == 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// change does an action, and half of the time takes it back.
func (m *model) change() {
	action := []store.Action{store.Delete, store.Restore, store.ToArchive, store.ToInbox, store.ToJunk, store.NotJunk, store.Read, store.Unread, store.Star, store.Unstar, store.Purge}[m.r.IntN(11)]
	ids := m.some()
	done := m.act(action, ids...)
	if done.Undo != "" && m.r.IntN(2) == 0 {
		_, err := m.Undo(context.Background(), m.user, done.Undo)
		m.check(err)
		return
	}
	for _, id := range ids {
		m.mail[id].do(action)
	}
}

func (v *modelled) do(action store.Action) {
	switch action {
	case store.Delete:
		if v.mailbox != store.Trash {
			v.mailbox, v.cameFrom = store.Trash, v.mailbox
		}
	case store.Restore:
		if v.mailbox == store.Trash {
			v.mailbox = v.cameFrom
		}
	case store.ToArchive:
		v.mailbox = store.Archive
	case store.ToInbox:
		v.mailbox = store.Inbox
	case store.ToJunk:
		v.mailbox = store.Junk
	case store.NotJunk:
		if v.mailbox == store.Junk {
			v.mailbox = store.Inbox
		}
	case store.Read, store.Unread:
		v.unread = action == store.Unread
	case store.Star, store.Unstar:
		v.starred = action == store.Star
	case store.Purge:
		if v.mailbox == store.Trash {
			v.mailbox = store.Purged
		}
	}
}

func (m *model) relabel() {
	name, on := []string{"Work", "家"}[m.r.IntN(2)], m.r.IntN(3) > 0
	ids := m.some()
	done, err := m.Label(context.Background(), m.user, name, on, ids)
	if !on && errors.Is(err, store.ErrNotFound) {
		return // there is no such label yet
	}
	m.check(err)
	if done.Undo != "" && m.r.IntN(3) == 0 {
		_, err := m.Undo(context.Background(), m.user, done.Undo)
		m.check(err)
		return
	}
	for _, id := range ids {
		m.mail[id].labels[name] = on
	}
}

// crash goes on with the files as they are now.
func (m *model) crash() {
	m.t.Helper()
	dir := m.t.TempDir()
	if m.r.IntN(2) == 0 {
		copyStore(m.t, m.dir, dir)
	} else {
		stopped := errors.New("stopped in the middle")
		err := m.InChange("DELETE FROM messages; DELETE FROM index_queue; DELETE FROM labels", func() error {
			copyStore(m.t, m.dir, dir)
			return stopped
		})
		if !errors.Is(err, stopped) {
			m.t.Fatal(err)
		}
	}
	if m.r.IntN(2) == 0 {
		m.check(os.RemoveAll(filepath.Join(dir, "index.db-wal")))
	}
	m.check(m.Store.Close())
	m.dir, m.Store = dir, m.openAt(dir)
	m.compare()
}

// compare looks at everything.
func (m *model) compare() {
	m.t.Helper()
	ctx := context.Background()
	m.check(m.FinishRemovals(ctx))
	m.readAttachments(&plainReader{})
	m.check(m.IndexAll(ctx))
	got := map[store.MessageID]string{}
	for _, box := range []store.Mailbox{store.Inbox, store.Archive, store.Junk, store.Trash} {
		for v := (store.View{Mailbox: box, Limit: 7}); ; {
			p, err := m.Messages(ctx, m.user, v)
			m.check(err)
			for _, s := range p.Messages {
				got[s.ID] = fmt.Sprint(s.Subject, s.Mailbox, s.Unread, s.Starred, len(s.Labels))
			}
			if v.Cursor = p.Older; v.Cursor == "" {
				break
			}
		}
	}
	want := map[store.MessageID]string{}
	labels := map[string][2]int{}
	for id, v := range m.mail {
		if v.mailbox == store.Purged {
			continue
		}
		n := 0
		for name, on := range v.labels {
			if !on {
				continue
			}
			n++
			if v.mailbox == store.Inbox || v.mailbox == store.Archive {
				c := labels[name]
				c[0]++
				if v.unread {
					c[1]++
				}
				labels[name] = c
			}
		}
		want[id] = fmt.Sprint("subject "+v.word, v.mailbox, v.unread, v.starred, n)
		for _, word := range []string{v.word, v.attached} {
			if word == "" {
				continue
			}
			// A search that ran out of time is searched on.
			found, _ := m.searchAll(query.Parse(word+" in:anywhere", time.Now()), 0, 50)
			if len(found) != 1 || found[0] != id {
				m.t.Errorf("%s finds %v, want message %d", word, found, id)
			}
		}
	}
	if !maps.Equal(want, got) {
		m.t.Errorf("the store has\n%v, want\n%v", got, want)
	}
	inStore := m.labels()
	for _, name := range []string{"Work", "家"} {
		if labels[name] != inStore[name] {
			m.t.Errorf("label %s counts %v, want %v", name, inStore[name], labels[name])
		}
	}
	m.compareSearches()
	if found := m.checkStore(false); len(found) > 0 {
		m.t.Errorf("check: %s", strings.Join(found, "\n"))
	}
}

func (m *model) compareSearches() {
	m.t.Helper()
	ctx := context.Background()
	saved, err := m.SavedSearches(ctx, m.user)
	m.check(err)
	got := map[store.SavedSearchID]string{}
	for _, v := range saved {
		got[v.ID] = v.Name
	}
	if !maps.Equal(got, m.searches) {
		m.t.Errorf("saved searches %v, want %v", got, m.searches)
	}
	recent, err := m.RecentSearches(ctx, m.user)
	m.check(err)
	if !slices.Equal(recent, m.recent) {
		m.t.Errorf("last searches %q, want %q", recent, m.recent)
	}
	for sender, load := range m.images {
		if rule, err := m.SenderRule(ctx, m.user, sender); err != nil || rule.Images != load {
			m.t.Errorf("images of %s: %v, %v; want %v", sender, rule.Images, err, load)
		}
	}
}

// Fifty readers, each with a connection as another process would have it, never wait for the
// writer, nor are they ever told that something is busy.
func TestReadersBesideTheWriter(t *testing.T) {
	ctx := context.Background()
	defer store.OneReader()()
	dir, key := t.TempDir(), seal.NewKey()
	h := &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.DeleteOnDelete)
	first := h.deliver(mail(0, "first", "apple"))
	h.label(true, "Work", first)
	indexing, cancel := context.WithCancel(ctx)
	var indexer sync.WaitGroup
	indexer.Go(func() { h.check(h.RunIndexer(indexing)) })
	begun := make([]chan struct{}, 20) // what the writer does; each reader reads all when it has begun the next
	for n := range begun {
		begun[n] = make(chan struct{})
	}
	var readers sync.WaitGroup
	for reader := range 50 {
		s := openIn(t, dir, key)
		readers.Go(func() {
			for n := range begun {
				<-begun[n]
				for _, v := range []store.View{{Mailbox: store.Inbox}, {}, {Starred: true}, {Query: query.Parse("apple", time.Now())}} {
					if _, err := s.Messages(ctx, h.user, v); err != nil {
						t.Errorf("reader %d: %v", reader, err)
						return
					}
				}
				if _, err := s.Message(ctx, h.user, first); err != nil {
					t.Errorf("reader %d: %v", reader, err)
					return
				}
			}
		})
	}
	for n := range begun {
		close(begun[n])
		id := h.deliver(mail(1+n, fmt.Sprint("mail ", n), "apple"))
		h.act(store.Star, id)
		if n%5 == 4 {
			h.act(store.Delete, id)
			h.act(store.Purge, id)
			h.check(h.Housekeep(ctx))
		}
	}
	readers.Wait()
	cancel()
	indexer.Wait()
}
