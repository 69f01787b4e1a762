package pop3client

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// BenchmarkRetrAll retrieves 500 messages of 10 KB in a session, at distances of
// 0 and 50 ms, pipelined and one by one.
func BenchmarkRetrAll(b *testing.B) {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	text := []byte("Subject: x\r\n\r\n" + strings.Repeat("A line of text, and the dots of the next.\r\n..\r\n", 210))
	var nums []int
	for i := range 500 {
		drop.Add(fmt.Sprint(i), text)
		nums = append(nums, i+1)
	}
	server := pop3test.NewServer(b, drop)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, mode := range []struct {
			name string
			Pipelining
		}{{"pipelined", PipelineAuto}, {"one by one", PipelineOff}} {
			if latency > 0 && mode.Pipelining == PipelineOff {
				continue // 25 s
			}
			b.Run(fmt.Sprintf("%v/%s", latency, mode.name), func(b *testing.B) {
				server.Configure(func(c *pop3test.Config) { c.Latency = latency })
				b.SetBytes(int64(len(nums) * len(text)))
				b.ReportAllocs()
				for b.Loop() {
					c, err := Dial(b.Context(), server.Addr(), &Options{Security: None, Mechanisms: []string{"USER"}, Pipelining: mode.Pipelining})
					if err != nil {
						b.Fatal(err)
					}
					if err := c.Login(b.Context(), "alice", "wonderland"); err != nil {
						b.Fatal(err)
					}
					err = c.RetrAll(b.Context(), nums, func(int) (io.Writer, error) { return io.Discard, nil }, func(_ int, _ int64, err error) error { return err })
					if err != nil {
						b.Fatal(err)
					}
					if err := c.Quit(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkBody decodes a message of 1 MB.
func BenchmarkBody(b *testing.B) {
	wire := strings.Repeat("A line of text of a length that is usual in messages, 72 characters.\r\n", 15_000) + ".\r\n"
	source := strings.NewReader(wire)
	r := bufio.NewReaderSize(source, readBuffer)
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		source.Reset(wire)
		r.Reset(source)
		body := bodyReader{r: r}
		for {
			if _, err := body.next(); err != nil {
				break
			}
		}
	}
}

// BenchmarkUIDL reads a listing of 100,000 rows.
func BenchmarkUIDL(b *testing.B) {
	var rows bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&rows, "%d %016x\r\n", i+1, i)
	}
	b.SetBytes(int64(rows.Len()))
	b.ReportAllocs()
	for b.Loop() {
		parser := new(uidParser)
		for line := range bytes.Lines(rows.Bytes()) {
			if _, ok := parser.parse(line[:len(line)-2]); !ok {
				b.Fatal("not a row")
			}
		}
	}
}
