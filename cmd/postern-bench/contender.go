package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A contender is a mail program. It retrieves all of a maildrop, leaves it there, and
// throws the messages away in the cheapest way it has, or keeps them (see deliverers).
type contender struct {
	name    string // as a column's heading
	version string
	// oneByOne is set where it sends a command only after the reply to the last.
	oneByOne bool
	// command makes a process that retrieves m. It may keep files in dir, which is
	// the contender's own and empty at first.
	command func(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error)
}

// result is one run of a contender.
type result struct {
	took   time.Duration // from the start of the process to its end
	cpu    time.Duration // of the process
	output []byte        // what it wrote to its standard output
}

// run runs the contender once.
func (c *contender) run(ctx context.Context, dir string, m maildrop) (result, error) {
	cmd, err := c.command(ctx, dir, m)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", c.name, err)
	}
	return c.wait(cmd)
}

// wait runs a process of the contender to its end.
func (c *contender) wait(cmd *exec.Cmd) (result, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", c.name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	took := time.Since(start)
	return result{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), stdout.Bytes()}, nil
}

// contenders are those that this machine has; about the others a sentence is written.
func contenders(profile string) ([]*contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	all := []*contender{{name: "Postern", command: func(ctx context.Context, _ string, m maildrop) (*exec.Cmd, error) {
		return errand{Maildrop: m, Profile: profile}.command(ctx, self)
	}}}
	return append(all, installed(
		&contender{name: "mpop", command: func(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error) {
			return mpop(ctx, dir, m, "mbox /dev/null")
		}},
		&contender{name: "fetchmail", oneByOne: true, command: func(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error) {
			return fetchmail(ctx, dir, m, "/dev/null")
		}},
	)...), nil
}

// installed are those that this machine has, with their versions.
func installed(wanted ...*contender) (found []*contender) {
	for _, c := range wanted {
		if _, err := exec.LookPath(c.name); err != nil {
			fmt.Fprintf(os.Stderr, "%s is not installed (Debian package %s) and left out.\n", c.name, c.name)
			continue
		}
		c.version = version(c.name)
		found = append(found, c)
	}
	return found
}

var versionNumber = regexp.MustCompile(`\d+\.\d+[.\d]*`)

// version asks a program for its version; "" if it does not say.
func version(program string) string {
	out, err := exec.Command(program, "--version").Output()
	// fetchmail looks for its configuration after it has said its version.
	if err != nil && len(out) == 0 {
		return ""
	}
	return string(versionNumber.Find(out))
}

// command makes the process for an errand.
func (e errand) command(ctx context.Context, self string) (*exec.Cmd, error) {
	in, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, retrieveCommand)
	cmd.Stdin = bytes.NewReader(in)
	return cmd, nil
}

// mpop is run with pipelining and delivers as its manual calls it: "mbox /dev/null" takes
// no process for each message, and keeps nothing.
func mpop(ctx context.Context, dir string, m maildrop, delivery string) (*exec.Cmd, error) {
	host, port, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return nil, err
	}
	uidls := filepath.Join(dir, "uidls")
	if err := os.RemoveAll(uidls); err != nil { // or nothing would be new
		return nil, err
	}
	tls := "tls off"
	if m.TLS {
		tls = "tls on\ntls_starttls off\ntls_trust_file " + m.CAFile
	}
	rc, err := writeConfig(dir, "mpoprc", fmt.Sprintf(`account bench
host %s
port %s
%s
auth user
user %s
password %s
pipelining on
keep on
received_header off
uidls_file %s
delivery %s
`, host, port, tls, m.User, m.Password, uidls, delivery))
	return exec.CommandContext(ctx, "mpop", "-C", rc, "-Q", "bench"), err
}

// fetchmail is run with batch SMTP to a file: no process and no dialogue for each
// message.
func fetchmail(ctx context.Context, dir string, m maildrop, file string) (*exec.Cmd, error) {
	host, port, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return nil, err
	}
	tls := "sslproto ''"
	if m.TLS {
		// Of a certificate's names it compares those of hosts, not those of addresses.
		host, tls = "localhost", fmt.Sprintf("ssl sslproto 'auto' sslcertck sslcertfile %q", m.CAFile)
	}
	rc, err := writeConfig(dir, "fetchmailrc", fmt.Sprintf(`set no bouncemail
poll %s protocol POP3 service %s auth password no dns
user %q password %q fetchall keep bsmtp %s %s
`, host, port, m.User, m.Password, file, tls))
	cmd := exec.CommandContext(ctx, "fetchmail", "-f", rc, "--silent", "--nosyslog", "--nodetach")
	cmd.Env = append(os.Environ(), "FETCHMAILHOME="+dir)
	return cmd, err
}

// writeConfig writes a configuration that only its owner may read, as both programs
// demand, and gives its path.
func writeConfig(dir, name, text string) (string, error) {
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(strings.TrimLeft(text, "\n")), 0o600)
}
