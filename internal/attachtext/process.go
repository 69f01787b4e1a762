package attachtext

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// documentTime is how long the process may take for one document, its start included.
var documentTime = time.Minute // tests make it short

// Process reads documents in a process of its own, which is started when it is needed.
// A document that makes it fail, hang or take too much memory costs that process, and
// the next document gets a new one. A Process is for one goroutine.
type Process struct {
	// Command is the program that calls Serve with its standard input and output, and
	// its arguments. It gets no environment: that may hold secrets.
	Command []string

	cmd *exec.Cmd
	in  io.WriteCloser
	out io.ReadCloser
}

// ErrFailed says that the process came to no end with a document.
var ErrFailed = errors.New("reading it failed")

// Read returns the text of a document. An error that wraps ctx's or one of starting the
// process says nothing of the document; any other is about it, and will be the same again.
func (p *Process) Read(ctx context.Context, kind Kind, document io.Reader, size int64) (Document, error) {
	if size > MaxSize {
		return Document{}, ErrTooLarge
	}
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return Document{}, fmt.Errorf("%w: %w", ErrStart, err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, documentTime, fmt.Errorf("%w: it takes more than %v", ErrFailed, documentTime))
	defer cancel()
	kill := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	err := writeRequest(p.in, kind, document, size)
	var r reply
	if err == nil {
		r, err = readReply(p.out)
	}
	if stopped := kill(); err == nil && stopped {
		return r.Document, r.err
	}
	p.cmd.Process.Kill()
	p.Close()
	if cause := context.Cause(ctx); cause != nil {
		return Document{}, cause
	}
	return Document{}, fmt.Errorf("%w: %w", ErrFailed, err)
}

// ErrStart says that the process could not be started.
var ErrStart = errors.New("start the reader of attachments")

func (p *Process) start() (err error) {
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Env = []string{}
	cmd.Dir = os.TempDir()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the keyboard is for us, not for it
	if p.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if p.out, err = cmd.StdoutPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd = cmd
	return nil
}

// Close ends the process, if there is one. The next Read starts another.
func (p *Process) Close() {
	if p.cmd == nil {
		return
	}
	p.in.Close()
	done := time.AfterFunc(5*time.Second, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	done.Stop()
	p.cmd = nil
}
