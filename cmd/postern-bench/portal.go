package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A portal is the program itself, on a data directory of its own.
type portal struct {
	binary, dir string
}

// Who uses the portal. A server's name in the account is what people would type.
const (
	owner         = "owner"
	ownerPassword = "a good long password"
)

// buildPostern builds the program into dir, as it is released.
func buildPostern(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "postern")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "postern/cmd/postern")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build postern: %w\n%s", err, out)
	}
	return binary, nil
}

// newPortal makes a data directory in dir with a user for each maildrop, who has that one
// account.
func newPortal(ctx context.Context, binary, dir string, drops ...maildrop) (*portal, error) {
	p := &portal{binary, filepath.Join(dir, "postern")}
	if err := os.RemoveAll(p.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	if _, err := writeConfig(p.dir, "owner", ownerPassword); err != nil {
		return nil, err
	}
	users := []string{owner}
	for i := 1; i < len(drops); i++ {
		users = append(users, fmt.Sprint("user", i))
	}
	for i, user := range users {
		if err := p.run(ctx, "user", "add", user, "--password-file", "owner"); err != nil {
			return nil, err
		}
		if len(drops) == 0 {
			continue
		}
		if _, err := writeConfig(p.dir, "mail", drops[i].Password); err != nil {
			return nil, err
		}
		err := p.run(ctx, "account", "add", "--user", user, "--policy", "keep", "--password-file", "mail", "pop3+insecure://"+drops[i].User+"@"+drops[i].Addr)
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// command is a command of the program. Everybody may name servers on this machine.
func (p *portal) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.binary, append(args, "--allow-private-hosts", "all", "--log-level", "error")...)
	cmd.Dir = p.dir
	return cmd
}

func (p *portal) run(ctx context.Context, args ...string) error {
	if out, err := p.command(ctx, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("postern %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// dataDir is where the program keeps everything, by default.
func (p *portal) dataDir() string { return filepath.Join(p.dir, "postern-data") }

// serving is a portal that runs.
type serving struct {
	cmd  *exec.Cmd
	base string // "http://127.0.0.1:port"
}

var listens = regexp.MustCompile(`listens on (\S+)`)

// serve starts the portal and returns when it listens.
func (p *portal) serve(ctx context.Context) (*serving, error) {
	s := &serving{cmd: p.command(ctx, "serve", "--listen", "127.0.0.1:0")}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			s.base = m[1]
			return s, nil
		}
	}
	return nil, errors.Join(errors.New("postern did not start"), s.cmd.Wait())
}

// stop ends the portal and gives the most memory that it had.
func (s *serving) stop() (resident uint64, err error) {
	resident, err = peakRSS(s.cmd.Process.Pid)
	return resident, errors.Join(err, s.cmd.Process.Signal(syscall.SIGTERM), s.cmd.Wait())
}

// browser is a person who is signed in.
func (s *serving) browser() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &http.Client{Jar: jar, Timeout: time.Minute}
	return b, s.submit(b, "/login", url.Values{"name": {owner}, "username": {owner}, "password": {ownerPassword}})
}

// submit sends a form of the portal's.
func (s *serving) submit(b *http.Client, path string, form url.Values) error {
	res, err := b.PostForm(s.base+path, form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return nil
}

// get reads a page.
func (s *serving) get(b *http.Client, path string) ([]byte, error) {
	res, err := b.Get(s.base + path)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, res.Status)
	}
	return io.ReadAll(res.Body)
}
