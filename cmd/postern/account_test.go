package main_test

import (
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPolicyIsAskedAbout: a policy that deletes what lies on the server is set only by who says so.
func TestPolicyIsAskedAbout(t *testing.T) {
	m := newMailServer(t, "keep", 3)
	command(t, m.dir, "sync")
	set := []string{"account", "set", "--user", "anna", "--policy", "after-download", "Work"}
	is := func(policy string) {
		t.Helper()
		if out := command(t, m.dir, "account", "list"); !strings.Contains(out, " "+policy+" ") {
			t.Errorf("want the policy %s: %s", policy, out)
		}
	}
	out, err := tryCommand(t, m.dir, nil, set...)
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(out, "3 messages would be deleted from 127.0.0.1") || !strings.Contains(out, "--yes") {
		t.Errorf("without a terminal: %v: %s", err, out)
	}
	is("keep")
	t.Run("at a terminal", func(t *testing.T) {
		if _, err := exec.LookPath("script"); err != nil {
			t.Skip("it takes script, of util-linux")
		}
		for _, answer := range []string{"\n", "n\n", "maybe\n", "\x04", "\x03"} {
			if out, err := atTerminal(t, m.dir, answer, set...); err == nil || !strings.Contains(out, "[y/N]") {
				t.Errorf("answered %q: %v: %s", answer, err, out)
			}
			is("keep")
		}
		if out, err := atTerminal(t, m.dir, "y\n", set...); err != nil {
			t.Errorf("answered y: %v: %s", err, out)
		}
		is("after-download")
		command(t, m.dir, "account", "set", "--user", "anna", "--policy", "keep", "Work")
	})
	command(t, m.dir, append(set, "--yes")...)
	is("after-download")
}

// atTerminal runs a command at a terminal of its own, where somebody types an answer to its question.
func atTerminal(t *testing.T, dir, answer string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("script", "-qec", binary+" "+strings.Join(args, " "), "/dev/null")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }).Stop()
	var said []byte
	for asked := false; ; {
		piece := make([]byte, 1024)
		n, err := out.Read(piece)
		said = append(said, piece[:n]...)
		if err != nil {
			return string(said), cmd.Wait()
		}
		if !asked && strings.Contains(string(said), "[y/N]") {
			asked = true
			if _, err := in.Write([]byte(answer)); err != nil {
				t.Error(err)
			}
		}
	}
}
