package interop

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"postern/pop3client"
)

// rateTime is after how long retrieving one by one has told enough.
const rateTime = 30 * time.Second

// rateCount is how many small messages lie in a server's maildrop.
func rateCount(name string) int {
	if name == "Solid POP3" {
		return 1_000 // of 10,000 it says "no memory available"
	}
	return 10_000
}

// TestRates measures how fast each server hands out small messages, pipelined and
// one by one, over its plainest transport. It is part of make bench-pop3.
func TestRates(t *testing.T) {
	if os.Getenv("POSTERN_RATES") == "" {
		t.Skip("takes part in `make bench-pop3` only")
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 1, ' ', tabwriter.Debug)
	fmt.Fprintln(w, "\nserver\tpipelined, messages/s\tone by one, messages/s")
	for _, entry := range servers {
		t.Run(entry.name, func(t *testing.T) {
			s := entry.start(t)
			count := rateCount(entry.name)
			s.deliver(t, small(count))
			c := &conversation{T: t, server: s}
			c.pipelinedRate(count) // once for the server's own indexes
			fmt.Fprintf(w, "%s\t%.0f\t%.0f\n", entry.name, c.pipelinedRate(count), c.singleRate(count))
		})
	}
	w.Flush()
	t.Log(table.String())
}

func small(count int) []mail {
	mails := make([]mail, count)
	for i := range mails {
		id := fmt.Sprintf("%05d@interop.example.com", i)
		mails[i] = mail{id: id, raw: fmt.Appendf(nil, "Return-Path: <bob@example.net>\nReceived: from example.net by example.com id %05d; Sun, 1 Mar 2026 12:00:00 +0000\n"+
			"From: bob@example.net\nTo: alice@example.com\nDate: Sun, 1 Mar 2026 12:00:00 +0000\nSubject: Small %[1]d\nMessage-ID: <%s>\n\n%s\n",
			i, id, strings.Repeat("A short line.\n", 20))}
	}
	return mails
}

// plainest logs in over the first transport the server has.
func (c *conversation) plainest(count int, pipelining pop3client.Pipelining) (*pop3client.Client, []int) {
	way := c.server.transports()[0]
	opt := c.server.options(c.T, way)
	opt.Mechanisms = []string{"USER"}
	opt.Pipelining = pipelining
	client := c.dial(way, opt)
	if err := client.Login(c.Context(), user, password); err != nil {
		c.Fatal(err)
	}
	l, err := client.Listing(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	if len(l.List) != count {
		c.Fatalf("%d messages listed", len(l.List))
	}
	return client, numbers(l.Messages())
}

func (c *conversation) pipelinedRate(count int) float64 {
	client, nums := c.plainest(count, pop3client.PipelineOn)
	begin := time.Now()
	err := client.RetrAll(c.Context(), nums, func(int) (io.Writer, error) { return io.Discard, nil },
		func(_ int, _ int64, err error) error { return err })
	if err != nil {
		c.Error(err)
	}
	took := time.Since(begin)
	c.quit(client)
	return float64(len(nums)) / took.Seconds()
}

func (c *conversation) singleRate(count int) float64 {
	client, nums := c.plainest(count, pop3client.PipelineOff)
	begin, done := time.Now(), 0
	for _, num := range nums {
		if _, err := client.Retr(c.Context(), num, io.Discard); err != nil {
			c.Fatal(err)
		}
		if done++; time.Since(begin) > rateTime {
			break
		}
	}
	took := time.Since(begin)
	c.quit(client)
	return float64(done) / took.Seconds()
}
