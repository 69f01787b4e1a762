package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"postern/internal/query"
	"postern/store"
)

// question is something that is asked of a store again and again.
type question struct {
	name string
	goal [2]time.Duration // of median and 99th percentile; 0: none
	ask  func(ctx context.Context, m *mailstore, r *rand.Rand) (rows int, err error)
}

// answer is how long a question took.
type answer struct {
	p50, p99 time.Duration
	rows     int // of the page, the median
}

// time asks a question n times.
func (q question) time(ctx context.Context, m *mailstore, n int) (answer, error) {
	took, rows := make([]time.Duration, 0, n), make([]int, 0, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n + 5 {
		begun := time.Now()
		found, err := q.ask(ctx, m, r)
		if err != nil {
			return answer{}, fmt.Errorf("%s: %w", q.name, err)
		}
		if i >= 5 { // the first ones fill the caches
			took, rows = append(took, time.Since(begun)), append(rows, found)
		}
	}
	slices.Sort(took)
	slices.Sort(rows)
	return answer{took[len(took)/2], took[len(took)*99/100], rows[len(rows)/2]}, nil
}

// view asks for a page of a list or of a search.
func view(v func(m *mailstore, r *rand.Rand) store.View) func(context.Context, *mailstore, *rand.Rand) (int, error) {
	return func(ctx context.Context, m *mailstore, r *rand.Rand) (int, error) {
		p, err := m.Messages(ctx, m.user, v(m, r))
		return len(p.Messages), err
	}
}

// listGoal is for every list.
var listGoal = [2]time.Duration{time.Millisecond, 5 * time.Millisecond}

// listQuestions are the lists of the portal.
func listQuestions() []question {
	list := func(name string, v func(m *mailstore, r *rand.Rand) store.View) question {
		return question{name, listGoal, view(v)}
	}
	return []question{
		list("inbox, first page", func(*mailstore, *rand.Rand) store.View { return store.View{Mailbox: store.Inbox} }),
		list("inbox, page at any depth", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Mailbox: store.Inbox, Cursor: m.anywhere(r)}
		}),
		list("inbox by conversations, first page", func(*mailstore, *rand.Rand) store.View {
			return store.View{Mailbox: store.Inbox, Threads: true}
		}),
		list("inbox by conversations, page at any depth", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Mailbox: store.Inbox, Threads: true, Cursor: m.anywhere(r)}
		}),
		list("all mail by conversations, page at any depth", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Threads: true, Cursor: m.anywhere(r)}
		}),
		list("inbox of one account", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Mailbox: store.Inbox, Account: m.accounts[r.IntN(len(m.accounts))].ID}
		}),
		list("all mail, page at any depth", func(m *mailstore, r *rand.Rand) store.View { return store.View{Cursor: m.anywhere(r)} }),
		list("all mail of one account", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Account: m.accounts[r.IntN(len(m.accounts))].ID, Cursor: m.anywhere(r)}
		}),
		list("label on every seventh message", func(m *mailstore, r *rand.Rand) store.View {
			return store.View{Label: m.labels["Work"], Cursor: m.anywhere(r)}
		}),
		list("label on a thousand messages", func(m *mailstore, _ *rand.Rand) store.View { return store.View{Label: m.labels[thousand]} }),
		list("rare label", func(m *mailstore, _ *rand.Rand) store.View { return store.View{Label: m.labels["Rare"]} }),
		list("starred", func(*mailstore, *rand.Rand) store.View { return store.View{Starred: true} }),
		list("unread in the inbox", func(*mailstore, *rand.Rand) store.View {
			return store.View{Mailbox: store.Inbox, Query: query.Parse("is:unread", time.Now())}
		}),
	}
}

// anywhere is a place in the lists between the first and the last message.
func (m *mailstore) anywhere(r *rand.Rand) string {
	g := m.generator()
	at := g.Start.Add(time.Duration(r.Int64N(int64(g.Step) * int64(m.state.Plan))))
	return fmt.Sprintf("%d.0", at.UnixMilli())
}

// lists writes how long the lists take, in the large and in the small store.
func (b *storeBench) lists(ctx context.Context) error {
	if err := warm(b.large.portal.dataDir()); err != nil {
		return err
	}
	return b.growth(ctx, "list, 50 rows", listQuestions())
}

// growth asks the same of both stores and writes the table.
func (b *storeBench) growth(ctx context.Context, title string, questions []question) error {
	fmt.Fprintf(b.out, "| %s | %s messages, p50 / p99 | %s messages, p50 / p99 | rows | p50 grows | goal |\n| --- | ---: | ---: | ---: | ---: | --- |\n",
		title, grouped(b.small.state.Next), grouped(b.large.state.Next))
	for _, q := range questions {
		small, err := q.time(ctx, b.small, b.rounds)
		if err != nil {
			return err
		}
		large, err := q.time(ctx, b.large, b.rounds)
		if err != nil {
			return err
		}
		rows := fmt.Sprint(large.rows)
		if small.rows != large.rows {
			rows = fmt.Sprintf("%d, %d", small.rows, large.rows)
		}
		grows := float64(large.p50) / float64(small.p50)
		fmt.Fprintf(b.out, "| %s | %s | %s | %s | %.1f× | %s |\n", q.name, small, large, rows, grows, q.verdict(large))
	}
	fmt.Fprintln(b.out)
	return nil
}

// String writes an answer in milliseconds.
func (a answer) String() string { return ms(a.p50) + " / " + ms(a.p99) + " ms" }

func ms(d time.Duration) string {
	if d < 100*time.Microsecond {
		return fmt.Sprintf("%.3f", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f", float64(d)/1e6)
}

// verdict says whether an answer is what it should be.
func (q question) verdict(a answer) string {
	switch {
	case q.goal == [2]time.Duration{}:
		return ""
	case q.goal[0] > 0 && a.p50 > q.goal[0], a.p99 > q.goal[1]:
		return "missed (" + q.goalText() + ")"
	}
	return "reached (" + q.goalText() + ")"
}

func (q question) goalText() string {
	if q.goal[0] == 0 {
		return fmt.Sprintf("p99 %d ms", q.goal[1].Milliseconds())
	}
	return fmt.Sprintf("%d, %d ms", q.goal[0].Milliseconds(), q.goal[1].Milliseconds())
}
