package syncer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
)

// BenchmarkFirstSync retrieves and stores 2,000 messages of about 10 KB.
func BenchmarkFirstSync(b *testing.B) {
	const count = 2000
	body := strings.Repeat("A line of a letter that says nothing in particular, 第一百二十三行。\n", 130)
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		for i := range count {
			w.drop.Add(fmt.Sprint("uid-", i), append(letter(i), pop3test.CRLF(body)...))
		}
		b.StartTimer()
		if v := w.sync(); v.Retrieved != count {
			b.Fatalf("%+v", v)
		}
	}
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkNewestReadable is the time from the first look at a maildrop of 50,000
// messages until 50 of its newest can be read.
func BenchmarkNewestReadable(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		for i := range 50000 {
			w.drop.Add(fmt.Sprint("uid-", i), letter(i))
		}
		ctx, stop := context.WithCancel(context.Background())
		b.StartTimer()
		ended := make(chan error)
		go func() { ended <- w.worker.Run(ctx) }()
		for {
			p, err := w.store.Messages(ctx, w.user, store.View{Mailbox: store.Inbox, Limit: 50})
			w.check(err)
			if len(p.Messages) == 50 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		b.StopTimer()
		stop()
		w.check(<-ended)
		b.StartTimer()
	}
}
