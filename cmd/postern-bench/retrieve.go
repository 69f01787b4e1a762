package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"

	"postern/pop3client"
)

// retrieveCommand runs pop3client in a process of its own, as the other programs run:
// its start counts, and its heap is not the benchmark's.
const retrieveCommand = "pop3-retrieve"

// errand is what the process reads from its standard input.
type errand struct {
	Maildrop maildrop
	Profile  string // folder for a CPU profile; "" for none
}

// maildrop is where mail is and how to get in.
type maildrop struct {
	Addr           string // "host:port"
	User, Password string
	TLS            bool   // from the first octet; else clear text
	CAFile         string // PEM, for TLS
}

// haul is what the process writes to its standard output.
type haul struct {
	Messages int
	Octets   int64
	Heap     uint64 // most octets of objects in the heap at one time, garbage included
	RSS      uint64 // most octets of memory in use at one time, code included
}

// retrieve does the errand on standard input: it retrieves a whole maildrop and throws
// the messages away.
func retrieve(ctx context.Context, _ []string, out io.Writer) error {
	var e errand
	if err := json.NewDecoder(os.Stdin).Decode(&e); err != nil {
		return fmt.Errorf("errand: %w", err)
	}
	if e.Profile != "" {
		stop, err := startProfile(e.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	peak := watchHeap()
	h, err := e.Maildrop.retrieve(ctx)
	if err != nil {
		return err
	}
	h.Heap = peak()
	if h.RSS, err = peakRSS(os.Getpid()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(h)
}

// retrieve is one session.
func (m maildrop) retrieve(ctx context.Context) (haul, error) {
	opt, err := m.options()
	if err != nil {
		return haul{}, err
	}
	c, err := pop3client.Dial(ctx, m.Addr, opt)
	if err != nil {
		return haul{}, err
	}
	defer c.Close()
	if err := c.Login(ctx, m.User, m.Password); err != nil {
		return haul{}, err
	}
	listing, err := c.Listing(ctx)
	if err != nil {
		return haul{}, err
	}
	messages := listing.Messages()
	nums := make([]int, len(messages))
	for i, message := range messages {
		nums[i] = message.Num
	}
	var h haul
	discard := func(int) (io.Writer, error) { return io.Discard, nil }
	err = c.RetrAll(ctx, nums, discard, func(_ int, n int64, err error) error {
		h.Messages++
		h.Octets += n
		return err
	})
	if err != nil {
		return h, err
	}
	return h, c.Quit(ctx)
}

// options are those of a person who has asked for clear text, where it is clear text.
func (m maildrop) options() (*pop3client.Options, error) {
	if !m.TLS {
		return &pop3client.Options{Security: pop3client.None, Mechanisms: pop3client.ClearTextMechanisms()}, nil
	}
	pem, err := os.ReadFile(m.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &pop3client.Options{RootCAs: roots}, nil
}

// startProfile writes a CPU profile until stop.
func startProfile(dir string) (stop func(), err error) {
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("retrieve-%d.pprof", os.Getpid())))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
