package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// terminal is the terminal that standard input is; ok is false where it is none.
func (p *program) terminal() (tty *os.File, ok bool) {
	tty, ok = p.in.(*os.File)
	return tty, ok && term.IsTerminal(int(tty.Fd()))
}

// ask asks a question at the terminal. Only y and yes are a yes.
func (p *program) ask(ctx context.Context, question string) (bool, error) {
	tty, ok := p.terminal()
	if !ok {
		return false, usageError{fmt.Errorf("%s There is no terminal to answer at: give --yes. Nothing was changed", question)}
	}
	fmt.Fprintf(p.err, "%s [y/N] ", question)
	line, err := fromTerminal(ctx, tty, func() (string, error) {
		return bufio.NewReader(io.LimitReader(tty, 4096)).ReadString('\n')
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

// fromTerminal reads at the terminal and gives up when ctx ends, as it does with Ctrl-C. The terminal is then as it was.
func fromTerminal(ctx context.Context, tty *os.File, read func() (string, error)) (string, error) {
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		line, err := read()
		typed <- answer{line, err}
	}()
	select {
	case a := <-typed:
		return a.line, a.err
	case <-ctx.Done():
		return "", errors.Join(context.Cause(ctx), term.Restore(int(tty.Fd()), before))
	}
}
