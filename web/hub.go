package web

import (
	"maps"
	"sync"
	"time"

	"postern/store"
)

// Hub carries what the worker does to the pages that are open. The worker's side never waits: what happens is noted,
// and each event stream takes the notes at its own pace. Notes of the same kind join into one, so that a slow browser
// costs no memory and misses only what is out of date.
type Hub struct {
	mu      sync.Mutex
	running map[store.AccountID]Progress
	streams map[*stream]struct{}
	closed  bool
}

// Progress is how far a session has come.
type Progress struct {
	Phase  string // connecting, listing, retrieving, deleting
	Done   int    // messages
	Total  int    // 0: not known yet
	Octets int64
	Left   time.Duration // < 0: not known
}

// news is what has happened since a stream last took it.
type news struct {
	progress map[store.AccountID]bool // sessions that came further
	synced   map[store.AccountID]bool // sessions that began or ended
	mail     map[store.AccountID]int  // messages that arrived
	counts   bool                     // counters changed
}

// stream is one browser that listens.
type stream struct {
	user store.UserID
	wake chan struct{} // closed when the hub ends the stream
	over bool
	news news
}

// maxStreams is how many streams a user has open at once; the next one is refused.
const maxStreams = 40

// NewHub returns a hub without listeners.
func NewHub() *Hub {
	return &Hub{running: map[store.AccountID]Progress{}, streams: map[*stream]struct{}{}}
}

// SyncStarted notes that a session began.
func (h *Hub) SyncStarted(user store.UserID, account store.AccountID) {
	h.note(user, func() { h.running[account] = Progress{Phase: "connecting", Left: -1} }, func(n *news) {
		n.synced = noted(n.synced, account)
		n.progress = noted(n.progress, account)
	})
}

// SyncProgress notes how far a session has come. left < 0: not known.
func (h *Hub) SyncProgress(user store.UserID, account store.AccountID, phase string, done, total int, octets int64, left time.Duration) {
	h.note(user, func() { h.running[account] = Progress{phase, done, total, octets, left} }, func(n *news) {
		n.progress = noted(n.progress, account)
	})
}

// SyncEnded notes that a session ended, well or not; the store knows how.
func (h *Hub) SyncEnded(user store.UserID, v store.Sync) {
	h.note(user, func() { delete(h.running, v.Account) }, func(n *news) {
		n.synced = noted(n.synced, v.Account)
		delete(n.progress, v.Account)
		n.counts = true
	})
}

// MailArrived notes that n new messages came into the inbox.
func (h *Hub) MailArrived(user store.UserID, account store.AccountID, n int) {
	h.note(user, nil, func(v *news) {
		if v.mail == nil {
			v.mail = map[store.AccountID]int{}
		}
		v.mail[account] += n
		v.counts = true
	})
}

// countsChanged notes that a person did something to their mail.
func (h *Hub) countsChanged(user store.UserID) {
	h.note(user, nil, func(n *news) { n.counts = true })
}

func noted(set map[store.AccountID]bool, account store.AccountID) map[store.AccountID]bool {
	if set == nil {
		set = map[store.AccountID]bool{}
	}
	set[account] = true
	return set
}

// note changes the hub and the news of each stream of a user.
func (h *Hub) note(user store.UserID, change func(), add func(*news)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if change != nil {
		change()
	}
	for st := range h.streams {
		if st.user == user {
			add(&st.news)
			st.rouse()
		}
	}
}

// rouse wakes a stream that may sleep.
func (st *stream) rouse() {
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// Progress returns how far the session of an account has come; false: there is none.
func (h *Hub) Progress(account store.AccountID) (Progress, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.running[account]
	return p, ok
}

// Close ends all streams and opens no more.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for st := range maps.Clone(h.streams) {
		h.drop(st)
	}
}

// open begins a stream; nil: the user has too many, or the hub is closed.
func (h *Hub) open(user store.UserID) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	open := 0
	for st := range h.streams {
		if st.user == user {
			open++
		}
	}
	if h.closed || open >= maxStreams {
		return nil
	}
	st := &stream{user: user, wake: make(chan struct{}, 1)}
	h.streams[st] = struct{}{}
	return st
}

// end ends a stream.
func (h *Hub) end(st *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(st)
}

func (h *Hub) drop(st *stream) {
	if !st.over {
		st.over = true
		delete(h.streams, st)
		close(st.wake)
	}
}

// take returns a stream's news and forgets them.
func (h *Hub) take(st *stream) news {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := st.news
	st.news = news{}
	return n
}
