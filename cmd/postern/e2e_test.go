package main_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/internal/dovecottest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "postern-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "postern")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build postern: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// process is a running postern.
type process struct {
	cmd    *exec.Cmd
	base   string // "http://127.0.0.1:PORT"
	setup  string // the one-time link, "" if there was none
	output *strings.Builder
}

var (
	listens   = regexp.MustCompile(`listens on (\S+)`)
	setupLink = regexp.MustCompile(`(http://\S+/setup\?token=\S+)`)
)

// start runs postern in dir and waits until it listens.
func start(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	if !slices.Contains(args, "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	p := &process{cmd: exec.Command(binary, args...), output: &strings.Builder{}}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop(t) })
	lines := bufio.NewScanner(out)
	for p.base == "" && lines.Scan() {
		if m := setupLink.FindStringSubmatch(lines.Text()); m != nil {
			p.setup = m[1]
		}
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			p.base = m[1]
		}
	}
	if p.base == "" {
		p.cmd.Wait()
		t.Fatalf("postern did not start: %s", p.output)
	}
	go io.Copy(io.Discard, out)
	return p
}

// stop ends the process as a service manager would and checks that it ends well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("postern ended with %v: %s", err, p.output)
		}
	case <-time.After(15 * time.Second):
		p.cmd.Process.Kill()
		t.Errorf("postern did not end within 15 s of SIGTERM")
	}
}

// TestMainJob is the product from a person's chair: set up, add an account on a real
// Dovecot, read, search, delete, and see on the server that exactly that went.
func TestMainJob(t *testing.T) {
	server := dovecottest.Start(t, dovecottest.Options{})
	for i := range 200 {
		server.Deliver(t, letter(i))
	}
	before := server.Files(t)
	dir := t.TempDir()
	p := start(t, dir, []string{"SSL_CERT_FILE=" + server.CAFile})
	if info, err := os.Stat(filepath.Join(dir, "postern-data")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("postern-data: %v, %v", info, err)
	}

	page := browsertest.New(t).Page(t, 1280, 900, false)
	page.Goto(p.setup)
	page.Fill("User name", "anna")
	page.Fill("Password", "a good long password")
	page.Fill("Repeat password", "a good long password")
	page.Click("button", "Create owner")

	host, port, _ := strings.Cut(server.TLS, ":")
	page.Fill("E-mail address", "alice@example.com")
	page.Fill("Server", host)
	page.Fill("Port", port)
	page.Select("Security", "TLS")
	page.Fill("User name", server.User)
	page.Fill("Password", "not the password")
	page.Click("button", "Test connection")
	page.WaitText("refuses the user name or the password", 30*time.Second)
	page.Fill("Password", server.Password)
	page.Click("button", "Test connection")
	page.WaitText("It works: 200 messages", 30*time.Second)
	page.Click("button", "Save account")
	waitFor(t, "200 messages", func() bool {
		page.Goto(p.base + "/mail/inbox")
		return strings.Contains(page.Text("body"), "Letter 199") && search(t, dir, "letter") == 200
	})

	page.Click("link", "Letter 199")
	page.WaitText("This is letter number 199", 10*time.Second)
	page.Goto(p.base + "/mail/inbox")
	page.Fill("Search mail", "发票 42")
	page.Press("Enter")
	page.WaitText("Letter 42", 10*time.Second)
	if n := page.Count("link", "Letter 43"); n != 0 {
		t.Error("the search found a letter that does not match")
	}
	if !strings.Contains(page.URL(), "q=") {
		t.Errorf("the query is not in the address: %s", page.URL())
	}
	page.Click("link", "Letter 42")
	page.Click("button", "Delete")
	for _, n := range []int{7, 8} {
		page.Goto(p.base + "/mail/all?q=" + fmt.Sprintf("subject:%%22letter+%d%%22", n))
		page.Check("Select")
		page.Click("button", "Delete")
	}
	page.Goto(p.base + "/deletions")
	for _, n := range []int{7, 8, 42} {
		page.WaitText(fmt.Sprintf("Letter %d", n), 5*time.Second)
	}
	sync(t, dir, server.CAFile)
	if after := server.Files(t); len(after) != 200 {
		t.Fatalf("inside the undo window %d of 200 messages are left on the server", len(after))
	}

	time.Sleep(21 * time.Second) // the undo window
	sync(t, dir, server.CAFile)
	sync(t, dir, server.CAFile)
	after := server.Files(t)
	gone := 0
	for name, hash := range before {
		switch now, here := after[name]; {
		case !here:
			gone++
		case now != hash:
			t.Errorf("%s was changed on the server", name)
		}
	}
	if gone != 3 || len(after) != 197 {
		t.Errorf("%d messages went from the server and %d are left, want 3 and 197", gone, len(after))
	}
	page.Goto(p.base + "/mail/trash")
	for _, n := range []int{7, 8, 42} {
		if page.Count("link", fmt.Sprintf("Letter %d", n)) != 1 {
			t.Errorf("Letter %d is not in Trash", n)
		}
	}
	if n := search(t, dir, "letter"); n != 197 {
		t.Errorf("%d messages found after the syncs, want 197: nothing may come again", n)
	}
	if errs := page.Console(); len(errs) > 0 {
		t.Errorf("the browser's console: %q", errs)
	}
	if out := command(t, dir, "check"); !strings.Contains(out, "0 findings") {
		t.Errorf("check: %s", out)
	}
}

func letter(n int) []byte {
	at := time.Now().Add(time.Duration(n-300) * time.Minute).UTC().Format(time.RFC1123Z)
	return []byte(strings.ReplaceAll(fmt.Sprintf("Received: from mx.example.com by pop.example.com; %s\nFrom: Bob <bob@example.net>\nTo: alice@example.com\nSubject: Letter %d\nMessage-ID: <%[2]d@example.net>\nDate: %[1]s\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nThis is letter number %[2]d, with 发票 %[2]d.\n", at, n), "\n", "\r\n"))
}

func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ready(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 60 s for %s", what)
		}
	}
}

// command runs a command of postern on the data directory in dir.
func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryCommand(t, dir, nil, args...)
	if err != nil {
		t.Fatalf("postern %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func tryCommand(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func sync(t *testing.T, dir, caFile string) {
	t.Helper()
	if out, err := tryCommand(t, dir, []string{"SSL_CERT_FILE=" + caFile}, "sync"); err != nil {
		t.Fatalf("sync: %v: %s", err, out)
	}
}

var total = regexp.MustCompile(`"total":(\d+)`)

func search(t *testing.T, dir, q string) int {
	t.Helper()
	m := total.FindStringSubmatch(command(t, dir, "search", "--user", "anna", "--json", q))
	n := 0
	fmt.Sscan(m[1], &n)
	return n
}

func TestBadInputAtTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	serving := start(t, dir, nil)
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	notDir := filepath.Join(dir, "file")
	if err := os.WriteFile(notDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(serving.base, "http://"), ":")
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"serve", "--listen", "127.0.0.1:0"}, 1, "another Postern is serving"},
		{[]string{"serve", "--data-dir", "other", "--listen", "127.0.0.1:" + port}, 1, "is in use"},
		{[]string{"serve", "--data-dir", notDir}, 1, "cannot be made"},
		{[]string{"serve", "--data-dir", "other", "--listen", "nonsense"}, 1, "cannot listen"},
		{[]string{"serve", "--base-url", "nonsense", "--data-dir", "other2", "--listen", "127.0.0.1:0"}, 2, "base"},
		{[]string{"--nonsense"}, 2, "nonsense"},
		{[]string{"nonsense"}, 2, "nonsense"},
		{[]string{"user", "passwd", "nobody", "--password-file", "-"}, 1, "there is no user named nobody"},
		{[]string{"account", "add", "--user", "nobody", "http://x"}, 2, "must begin with pop3s://"},
		{[]string{"inspect", "no-such-file"}, 1, "no-such-file"},
		{[]string{"search", "--user", "nobody", "x"}, 1, "there is no user named nobody"},
		{[]string{"search", "--user", "nobody", "x", "--json"}, 1, "there is no user named nobody"},
		{[]string{"search", "--user", "nobody", "x", "--limit", "3"}, 2, "--limit: flags come before the query"},
		{[]string{"check", "--data-dir", "mistyped"}, 1, "there is no Postern data in mistyped"},
		{[]string{"--max-message-size", "huge", "version"}, 2, "is not a size"},
	} {
		out, err := tryCommand(t, dir, nil, test.args...)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != test.code || !strings.Contains(out, test.want) || strings.Contains(out, "panic") {
			t.Errorf("postern %s: %v: %s; want exit code %d and %q", strings.Join(test.args, " "), err, out, test.code, test.want)
		}
	}
	if os.Getuid() != 0 {
		if out, err := tryCommand(t, dir, nil, "serve", "--data-dir", closed); err == nil || !strings.Contains(out, "cannot be used") {
			t.Errorf("a directory that is not writable: %v: %s", err, out)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, c := range []string{"serve", "demo", "user", "account", "user add", "user list", "user passwd", "user remove", "account add", "account list",
		"account set", "account remove", "probe", "sync", "search", "inspect", "check", "backup", "restore", "key", "key rotate", "doctor", "healthcheck", "version"} {
		out, err := tryCommand(t, t.TempDir(), nil, append(strings.Fields(c), "--help")...)
		if err != nil || !strings.Contains(out, "Example:") || !strings.Contains(out, "postern "+c) {
			t.Errorf("postern %s --help: %v: %s", c, err, out)
		}
	}
}

func TestInspectTakesAnyBytes(t *testing.T) {
	for _, raw := range []string{"", "\x00\xff", "Subject: =?gb2312?B?xOO6ww==?=\n\n你好"} {
		cmd := exec.Command(binary, "inspect", "-")
		cmd.Stdin = strings.NewReader(raw)
		out, err := cmd.Output()
		if err != nil || !strings.HasPrefix(string(out), `{"from":[]`) {
			t.Errorf("inspect %q: %v: %s", raw, err, out)
		}
	}
}

func TestDemo(t *testing.T) {
	p := start(t, t.TempDir(), nil, "demo")
	page := browsertest.New(t).Page(t, 1280, 900, false)
	page.Goto(p.base)
	page.Fill("User name", "demo")
	page.Fill("Password", "demo-demo")
	page.Click("button", "Sign in")
	if n := page.Count("checkbox", "Select"); n < 30 {
		t.Errorf("%d conversations on the first page", n)
	}
	res, err := http.Get(p.base + "/readyz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("readyz: %v, %v", res, err)
	}
	res.Body.Close()
}

// TestSecondThoughts takes deletions back in each way there is, on a real Dovecot: only
// the one that nobody took back reaches the server, and what was purged stays away.
func TestSecondThoughts(t *testing.T) {
	server := dovecottest.Start(t, dovecottest.Options{})
	for i := range 5 {
		server.Deliver(t, letter(i))
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	writeFile(t, filepath.Join(dir, "mail"), server.Password+"\n")
	command(t, dir, "user", "add", "anna", "--password-file", "owner")
	command(t, dir, "account", "add", "--user", "anna", "--name", "Work", "--password-file", "mail", "pop3s://"+server.User+"@"+server.TLS)
	sync(t, dir, server.CAFile)
	p := start(t, dir, []string{"SSL_CERT_FILE=" + server.CAFile})
	page := browsertest.New(t).Page(t, 390, 844, false)
	page.Goto(p.base)
	page.Fill("User name", "anna")
	page.Fill("Password", "a good long password")
	page.Click("button", "Sign in")
	remove := func(n int) {
		page.Goto(p.base + "/mail/inbox")
		page.Click("link", fmt.Sprint("Letter ", n))
		page.Click("button", "Delete")
	}
	remove(1)
	page.Click("button", "Undo")
	remove(2)
	page.Goto(p.base + "/mail/trash")
	page.Click("link", "Letter 2")
	page.Click("button", "Restore")
	remove(3)
	page.Goto(p.base + "/deletions")
	page.Click("button", "Cancel deletion")
	remove(4)
	time.Sleep(21 * time.Second) // the undo window
	sync(t, dir, server.CAFile)
	sync(t, dir, server.CAFile)
	if n := len(server.Files(t)); n != 4 {
		t.Errorf("%d messages left on the server, want all but Letter 4", n)
	}
	page.Goto(p.base + "/mail/trash")
	page.Click("button", "Empty Trash")
	page.WaitText("2 messages", 5*time.Second)
	page.Click("button", "Delete for good 2 messages")
	sync(t, dir, server.CAFile)
	page.Goto(p.base + "/mail/trash")
	if n := page.Count("checkbox", "Select"); n != 0 {
		t.Errorf("%d messages in the emptied Trash", n)
	}
	if n := search(t, dir, "letter in:anywhere"); n != 3 {
		t.Errorf("%d letters left here, want 3: nothing purged may come again", n)
	}
	if n := len(server.Files(t)); n != 4 {
		t.Errorf("%d messages left on the server after Trash was emptied, want 4", n)
	}
}
