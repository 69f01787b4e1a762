package main

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"postern/internal/dovecottest"
)

// The benchmark runs its client as a process: in a test the program is the test binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == retrieveCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// A small run of everything, with whatever other programs are installed.
func TestPOP3(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or each process lasts a second longer with -race
	var out bytes.Buffer
	err := run(t.Context(), []string{"pop3", "-messages=30", "-few=3", "-size=2000", "-rounds=2", "-rtt=4ms", "-giant=2000000"}, &out)
	if errors.Is(err, dovecottest.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`(?m)^\| 30 messages, loopback \| \d\.\d\d / \d\.\d\d \|`,
		`(?m)^\| 30 messages, loopback, TLS \| \d\.\d\d / \d\.\d\d \|`,
		`(?m)^\| 3 messages, 4 ms round trip \| \d\.\d\d / \d\.\d\d \|`,
		`(?m)^\| 1 × 1.91 MiB, loopback, server in Go \| \d`,
		`(?m)^\| heap under 16 MiB at any message size \| .* \| reached \|$`,
	} {
		if !regexp.MustCompile(row).Match(out.Bytes()) {
			t.Errorf("no line %s in\n%s", row, &out)
		}
	}
}

func TestRefusesWrongHaul(t *testing.T) {
	s := &server{messages: 2, octets: 100}
	for log, good := range map[string]bool{
		"Logged out top=0/0, retr=2/140, del=0/2, size=100": true,
		"Logged out top=0/0, retr=1/140, del=0/2, size=100": false,
		"Logged out top=0/0, retr=2/90, del=0/2, size=100":  false,
	} {
		done, err := s.check(log)
		if !done || (err == nil) != good {
			t.Errorf("%q: %v, %v", log, done, err)
		}
	}
	if done, err := s.check("Login: user=<alice>"); done || err != nil {
		t.Errorf("before the end: %v, %v", done, err)
	}
}

func TestTrials(t *testing.T) {
	var f pop3Flags
	if err := f.parse([]string{"-rtt", "10ms,1s", "-messages", "70", "-few", "7"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"70 messages, loopback", "70 messages, loopback, TLS",
		"7 messages, 10 ms round trip", "70 messages, 10 ms round trip",
		"7 messages, 1000 ms round trip", "70 messages, 1000 ms round trip",
	}
	slowpoke := &contender{oneByOne: true}
	for i, trial := range f.trials() {
		if trial.String() != want[i] {
			t.Errorf("trial %d is %q, want %q", i, trial, want[i])
		}
		if got := trial.expected(slowpoke); got != 2*trial.rtt*time.Duration(trial.messages) {
			t.Errorf("%v: expected to take %v", trial, got)
		}
	}
	for _, args := range [][]string{{"-rounds", "0"}, {"-few", "10000"}, {"-rtt", "1"}, {"more"}} {
		if err := new(pop3Flags).parse(args); err == nil {
			t.Errorf("%q accepted", args)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct{ in, want []time.Duration }{
		{[]time.Duration{3}, []time.Duration{3, 3}},
		{[]time.Duration{5, 1}, []time.Duration{1, 3}},
		{[]time.Duration{9, 1, 4}, []time.Duration{1, 4}},
	} {
		if got := []time.Duration{slices.Min(c.in), median(c.in)}; !slices.Equal(got, c.want) {
			t.Errorf("%v: minimum and median %v, want %v", c.in, got, c.want)
		}
	}
}
