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

	"postern/internal/seal"
)

// passwordFlag is how commands are given a password: by a file, or typed.
type passwordFlag struct {
	PasswordFile string `help:"Read the password from this file; - is standard input." placeholder:"FILE"`
}

// read gets the password; what names it at the prompt. repeat asks twice.
func (f passwordFlag) read(ctx context.Context, p *program, what string, repeat bool) (seal.Secret, error) {
	switch f.PasswordFile {
	case "":
		return promptPassword(ctx, p, what, repeat)
	case "-":
		return readPassword(p.in)
	}
	return passwordFrom(f.PasswordFile)
}

// passwordFrom reads a password from a file: its first line.
func passwordFrom(path string) (seal.Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("password file: %w", err)
	}
	defer file.Close()
	return readPassword(file)
}

// readPassword takes the first line, blanks and all.
func readPassword(r io.Reader) (seal.Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return seal.Secret{}, fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return seal.Secret{}, errors.New("the password is empty")
	}
	return seal.NewSecret(line), nil
}

func promptPassword(ctx context.Context, p *program, what string, repeat bool) (seal.Secret, error) {
	tty, ok := p.terminal()
	if !ok {
		return seal.Secret{}, usageError{errors.New("there is no terminal to type the password at: give --password-file FILE (- is standard input)")}
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(p.err, prompt)
		defer fmt.Fprintln(p.err)
		return fromTerminal(ctx, tty, func() (string, error) {
			typed, err := term.ReadPassword(int(tty.Fd()))
			return string(typed), err
		})
	}
	first, err := ask(what + ": ")
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read password: %w", err)
	}
	if first == "" {
		return seal.Secret{}, errors.New("the password is empty")
	}
	if repeat {
		second, err := ask("Repeat it: ")
		if err != nil {
			return seal.Secret{}, fmt.Errorf("read password: %w", err)
		}
		if first != second {
			return seal.Secret{}, errors.New("the two passwords differ")
		}
	}
	return seal.NewSecret(first), nil
}
