package dovecottest

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// owner is the unprivileged user whom the server runs as and its files belong to.
type owner struct {
	user, group string
	// credential is nil when that is the user who runs the test.
	credential *syscall.Credential
}

// findOwner returns the user who runs the test or, for root, one of those that every
// Debian system has: Dovecot opens no mail as root.
func findOwner() (owner, error) {
	u, err := user.Current()
	if os.Getuid() == 0 {
		if u, err = user.Lookup("mail"); err != nil {
			u, err = user.Lookup("nobody")
		}
	}
	if err != nil {
		return owner{}, fmt.Errorf("no user to run Dovecot as: %w", err)
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return owner{}, fmt.Errorf("group of user %s: %w", u.Username, err)
	}
	o := owner{user: u.Username, group: g.Name}
	if os.Getuid() != 0 {
		return o, nil
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return owner{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return owner{}, err
	}
	o.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return o, nil
}

// give makes one file the owner's.
func (o owner) give(path string) error {
	if o.credential == nil {
		return nil
	}
	return os.Lchown(path, int(o.credential.Uid), int(o.credential.Gid))
}

// giveAll makes a folder and all that is in it the owner's.
func (o owner) giveAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return o.give(path)
	})
}

// process is a running Dovecot: its master, and the group of all its processes.
type process struct {
	pid  int
	done chan struct{} // closed when the master has ended
	err  error         // how it ended; read after done
}

// spawn starts cmd as the owner, in a process group of its own, and has the kernel
// end it should the test binary die without its cleanups (panic, timeout, kill).
func spawn(cmd *exec.Cmd, o owner) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: o.credential,
		Setpgid:    true,
		Pdeathsig:  syscall.SIGTERM, // at which Dovecot ends its children too
	}
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel takes the death of the thread that started the process for the
		// death of the parent, so that thread stays with this goroutine.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, <-started
}

// stop asks all processes to end, and after some time ends them by force. (Only by
// force would leave the locks of open sessions in the Maildir.)
func (p *process) stop() {
	_ = syscall.Kill(-p.pid, syscall.SIGTERM)
	if !p.awaitEnd(3 * time.Second) {
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		p.awaitEnd(3 * time.Second)
	}
	<-p.done
}

// awaitEnd waits until no process of the group is left, and tells whether that is so.
func (p *process) awaitEnd(limit time.Duration) bool {
	for end := time.Now().Add(limit); p.alive(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// alive tells whether a process of the group still runs. Signal 0 to the group would
// not tell: it also finds the dead ones that their new parent has yet to wait for.
func (p *process) alive() bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // ended meanwhile
		}
		// proc_pid_stat(5): pid (comm) state ppid pgrp; comm may hold anything.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 2 && fields[2] == strconv.Itoa(p.pid) && fields[0] != "Z" && fields[0] != "X" {
			return true
		}
	}
	return false
}

// awaitGreeting returns when a POP3 server greets at addr (RFC 1939 §4).
func (p *process) awaitGreeting(addr string, limit time.Duration) error {
	var last error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.done:
			return fmt.Errorf("dovecot ended at once: %v", p.err)
		default:
		}
		if last = greets(addr); last == nil {
			return nil
		}
	}
	return fmt.Errorf("no greeting after %v: %w", limit, last)
}

// greets connects to addr, takes the greeting and says good-bye.
func greets(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+OK") {
		return fmt.Errorf("greeting %q", line)
	}
	_, err = fmt.Fprint(conn, "QUIT\r\n")
	return err
}
