package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// Told to end in the middle of a message and with a deletion asked for, the program is gone
// within ten seconds and has not said QUIT. Until then it answers those who watch it.
func TestEndsInTimeDuringASession(t *testing.T) {
	drop := pop3test.NewMaildrop("anna", "wonder land")
	for i := range 5 {
		drop.Add(fmt.Sprint("uid-", i), pop3test.CRLF(fmt.Sprintf("From: bob@example.net\nSubject: Letter %d\n\nText\n", i)))
	}
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Stall("RETR", 3, 10))
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	writeFile(t, filepath.Join(dir, "mail"), "wonder land\n")
	writeFile(t, filepath.Join(dir, "ca.pem"), string(server.Authority().PEM()))
	command(t, dir, "user", "add", "anna", "--admin", "--password-file", "owner")
	host, port, err := net.SplitHostPort(server.TLSAddr())
	if err != nil {
		t.Fatal(err)
	}
	command(t, dir, "account", "add", "--user", "anna", "--name", "Work", "--policy", "after-download", "--ca-file", "ca.pem", "--password-file", "mail", "pop3s://anna@"+host+":"+port)
	p := start(t, dir, nil, "--metrics")
	stalled := func() bool {
		n := 0
		for _, c := range server.Log() {
			if strings.HasPrefix(c.Line, "RETR") {
				n++
			}
		}
		return n >= 3
	}
	for deadline := time.Now().Add(30 * time.Second); !stalled(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no session: %s", p.output)
		}
	}
	resp, err := http.Get(p.base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(body), "postern_sync_running 1\n") {
		t.Errorf("metrics: %v, status %d", err, resp.StatusCode)
	}
	told := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("ended with %v: %s", err, p.output)
	}
	if took := time.Since(told); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, c := range server.Log() {
		if c.Line == "QUIT" || strings.HasPrefix(c.Line, "DELE") {
			t.Errorf("%s was sent", c.Line)
		}
	}
	server.SetFaults()
	command(t, dir, "sync")
	if n := search(t, dir, "subject:letter"); n != 5 {
		t.Errorf("%d messages here, want 5", n)
	}
	if n := len(drop.Messages()); n != 0 {
		t.Errorf("%d messages on the server, want none", n)
	}
}
