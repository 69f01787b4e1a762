package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"postern/pop3client/pop3test"
)

// load is a maildrop of messages that exist only while they are sent.
type load struct {
	messages int
	octets   int64 // of each
}

// String describes the load as the table does.
func (l load) String() string {
	return fmt.Sprintf("%s × %s", grouped(l.messages), mebibytes(uint64(l.octets)))
}

// drained is what came of a load.
type drained struct {
	load load
	haul haul
	took time.Duration
}

// drain retrieves a load from a server in this process with a client in another.
func drain(ctx context.Context, l load) (drained, error) {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	lines := (l.octets + int64(len(textLine)) - 1) / int64(len(textLine))
	size := lines * int64(len(textLine))
	for i := range l.messages {
		drop.AddMessage(pop3test.Message{
			UID:    fmt.Sprintf("load-%d", i),
			Octets: size,
			Open:   func() io.Reader { return io.LimitReader(&text{}, size) },
		})
	}
	server, err := pop3test.Start(drop)
	if err != nil {
		return drained{}, err
	}
	defer server.Close()
	self, err := os.Executable()
	if err != nil {
		return drained{}, err
	}
	client := contender{name: "Postern"}
	cmd, err := errand{Maildrop: maildrop{Addr: server.Addr(), User: "alice", Password: "wonderland"}}.command(ctx, self)
	if err != nil {
		return drained{}, err
	}
	res, err := client.wait(cmd)
	if err != nil {
		return drained{}, err
	}
	d := drained{load: l, took: res.took}
	if err := json.Unmarshal(res.output, &d.haul); err != nil {
		return d, err
	}
	if want := int64(l.messages) * size; d.haul.Octets != want {
		return d, fmt.Errorf("%v: %d octets retrieved, want %d", l, d.haul.Octets, want)
	}
	fmt.Fprintf(os.Stderr, "%v: heap %s, %.2f s\n", l, mebibytes(d.haul.Heap), d.took.Seconds())
	return d, nil
}

// textLine is a line of a message; a message is this line, over and over.
const textLine = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMN\r\n"

var textBlock = []byte(strings.Repeat(textLine, 1000))

// text is an endless reader of textLine.
type text struct{ offset int }

// Read implements io.Reader.
func (t *text) Read(p []byte) (int, error) {
	n := copy(p, textBlock[t.offset:])
	t.offset = (t.offset + n) % len(textBlock)
	return n, nil
}
