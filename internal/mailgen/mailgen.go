// Package mailgen makes up mail for measurements: as many messages as one likes, in
// English, Chinese and both, in threads, with the headers, alternatives, attachments and
// the spread of sizes that real maildrops have. Words follow Zipf's law. Each message
// follows from the seed and its number alone, so that any of them can be made again, in
// any order and by several goroutines. Nobody of these people exists.
package mailgen

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Generator makes mail of one seed.
type Generator struct {
	Seed     uint64
	Accounts int           // messages are spread over so many, a few with most of them
	Start    time.Time     // of message 0
	Step     time.Duration // between one message and the next, on average
}

// New returns a generator whose messages 0 to n-1 fill the ten years before the end of
// 2025, for 20 accounts.
func New(seed uint64, n int) *Generator {
	const years = 10 * 365 * 24 * time.Hour
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &Generator{Seed: seed, Accounts: 20, Start: end.Add(-years), Step: years / time.Duration(max(n, 1))}
}

// Mail is one message and how it lies in its mailbox.
type Mail struct {
	Raw      []byte // with CRLF
	Account  int
	Received time.Time // as its topmost Received field says
	Language Language
	Labels   []string
	Unread   bool
	Starred  bool
	Archived bool
}

// Language is what a thread is written in.
type Language int

// The languages: half of the threads are in English, a third in Chinese.
const (
	English Language = iota
	Chinese
	Mixed
)

// kind is what a message is.
type kind int

const (
	personal   kind = iota // text of a person, quoting what it answers
	list                   // the same by way of a mailing list
	newsletter             // a long HTML page beside its text
	notice                 // a short one, by a machine: orders, codes, reminders
)

// Message makes message number n.
func (g *Generator) Message(n int) Mail {
	w := g.writer(n)
	parent := w.chooseParent()
	root := g.root(n)
	top := g.writer(root)
	top.chooseParent()
	m := &draft{writer: w, n: n, parent: parent, root: root}
	m.thread = top.thread()
	w.language = m.thread.language
	m.received = g.Start.Add(time.Duration(n)*g.Step + time.Duration(w.Float64()*float64(g.Step)))
	m.write()
	return Mail{
		Raw: m.raw.Bytes(), Account: m.thread.account, Received: m.received, Language: w.language,
		Labels: w.labels(), Unread: w.chance(0.08), Starred: w.chance(0.01), Archived: w.chance(0.3),
	}
}

// writer makes random choices for one message.
type writer struct {
	*rand.Rand
	g        *Generator
	n        int
	language Language
}

func (g *Generator) writer(n int) *writer {
	return &writer{Rand: rand.New(rand.NewPCG(g.Seed, uint64(n)*0x9e3779b97f4a7c15+1)), g: g, n: n}
}

func (w *writer) chance(p float64) bool { return w.Float64() < p }

// size is a number of the log-normal spread that sizes have.
func (w *writer) size(median, spread float64, most int) int {
	return min(int(median*math.Exp(spread*w.NormFloat64())), most)
}

// chooseParent gives the message that this one answers, -1: it begins a thread. It must
// be a writer's first choice, so that root can make it again.
func (w *writer) chooseParent() int {
	back := 1 + int(w.ExpFloat64()*60)
	if w.chance(0.55) || back > w.n {
		return -1
	}
	return w.n - back
}

// root is the first message of the thread of n.
func (g *Generator) root(n int) int {
	for range 30 {
		parent := g.writer(n).chooseParent()
		if parent < 0 {
			break
		}
		n = parent
	}
	return n
}

// thread is what the messages of a thread have in common.
type thread struct {
	language Language
	kind     kind
	account  int
	subject  string
	people   [4]person
}

func (w *writer) thread() (t thread) {
	switch p := w.Float64(); {
	case p < 0.35:
		w.language = Chinese
	case p < 0.5:
		w.language = Mixed
	}
	t.language = w.language
	switch p := w.Float64(); {
	case p < 0.3:
		t.kind = personal
	case p < 0.45:
		t.kind = list
	case p < 0.7:
		t.kind = newsletter
	default:
		t.kind = notice
	}
	t.account = min(int(w.ExpFloat64()*float64(w.g.Accounts)/5), w.g.Accounts-1)
	t.subject = w.subject(t.kind)
	for i := range t.people {
		t.people[i] = w.person(t.kind)
	}
	return t
}

// labels are those of a message: most have none.
func (w *writer) labels() (names []string) {
	for _, l := range []struct {
		name string
		part float64
	}{{"Work", 0.15}, {"家庭", 0.06}, {"Travel", 0.03}, {"Invoices/2025", 0.01}, {"Rare", 0.001}} {
		if w.chance(l.part) {
			names = append(names, l.name)
		}
	}
	return names
}

// draft is a message on its way.
type draft struct {
	*writer
	n, parent, root int
	thread          thread
	received        time.Time
	raw             bytes.Buffer
}

// messageID is the Message-ID of any message, by its number.
func (g *Generator) messageID(n int) string {
	h := rand.New(rand.NewPCG(g.Seed^0x6d65737361676521, uint64(n)))
	hosts := []string{"mail.example.com", "example.net", "lists.example.org", "mta-4.example.cn", "notify.example.com"}
	return fmt.Sprintf("<%016x.%x@%s>", h.Uint64(), n, hosts[h.IntN(len(hosts))])
}
