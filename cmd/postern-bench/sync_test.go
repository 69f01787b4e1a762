package main

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"testing"

	"postern/internal/dovecottest"
)

// A small run of everything, with whatever other programs are installed.
func TestSync(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), []string{"sync", "-messages=70", "-newest=60", "-accounts=3", "-size=2000", "-rounds=1", "-rtt=4ms"}, &out)
	if errors.Is(err, dovecottest.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`(?m)^\| 70 messages, loopback \| \d+\.\d\d \(once\) \|`,
		`(?m)^\| 70 messages, 4 ms round trip \| \d+\.\d\d \(once\) \|`,
		`(?m)^\| 70 messages, loopback \| \d+\.\d\d \| \d+\.\d\d \| \d+`,
		`(?m)^\| 70 messages, loopback, 3 accounts at the same time \| \d`,
		`(?m)^From .Save account. to the 50 newest of 60 messages`,
	} {
		if !regexp.MustCompile(row).Match(out.Bytes()) {
			t.Errorf("no line %s in\n%s", row, &out)
		}
	}
}

func TestSyncFlags(t *testing.T) {
	var f syncFlags
	if err := f.parse([]string{"-messages", "7,8", "-accounts", "0"}); err != nil || f.messages.String() != "7,8" || f.roundsOf(many) != 1 || f.roundsOf(7) != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, args := range [][]string{{"-rounds", "0"}, {"-messages", "1,x"}, {"-newest", "-1"}, {"more"}} {
		if err := new(syncFlags).parse(args); err == nil {
			t.Errorf("%q accepted", args)
		}
	}
}
