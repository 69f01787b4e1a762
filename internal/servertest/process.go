package servertest

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a running server: its master, and the group of all its processes.
type Process struct {
	pid  int
	name string         // of the program
	end  syscall.Signal // asks it to end
	done chan struct{}  // closed when the master has ended
	err  error          // how it ended; read after done
}

// Spawn starts cmd as the owner, in a process group of its own, and has the kernel end
// it should the test binary die without its cleanups (panic, timeout, kill). What
// cmd.SysProcAttr says besides is kept.
//
// The first process of a PID namespace gets no signal from outside that it has not
// asked for, except SIGKILL, with which the kernel ends the whole namespace.
func Spawn(cmd *exec.Cmd, o Owner) (*Process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	p := &Process{name: filepath.Base(cmd.Path), end: syscall.SIGTERM, done: make(chan struct{})}
	if cmd.SysProcAttr.Cloneflags&syscall.CLONE_NEWPID != 0 {
		p.end = syscall.SIGKILL
	}
	cmd.SysProcAttr.Credential = o.Credential
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = p.end
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

// Stop asks all processes to end, after some time ends them by force, and returns when
// none is left. (Only by force would leave the locks of open sessions in the mailboxes.)
func (p *Process) Stop() {
	_ = syscall.Kill(-p.pid, p.end)
	if !p.awaitEnd(3 * time.Second) {
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		p.awaitEnd(3 * time.Second)
	}
	<-p.done
}

// awaitEnd waits until no process of the group is left, and tells whether that is so.
func (p *Process) awaitEnd(limit time.Duration) bool {
	for end := time.Now().Add(limit); p.Alive(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// Alive tells whether a process of the group still runs. Signal 0 to the group would
// not tell: it also finds the dead ones that their new parent has yet to wait for.
func (p *Process) Alive() bool {
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

// AwaitGreeting returns when a POP3 server greets at addr (RFC 1939 §4).
func (p *Process) AwaitGreeting(addr string, limit time.Duration) error {
	var last error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.done:
			return fmt.Errorf("%s ended at once: %v", p.name, p.err)
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
