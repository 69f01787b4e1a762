package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// deliverers are contenders that keep what they retrieve: Postern in its store, mpop in a
// Maildir, fetchmail in one file. Each begins with nothing.
func deliverers(postern string) []*contender {
	all := []*contender{{name: "Postern", command: func(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error) {
		p, err := newPortal(ctx, postern, dir, m)
		if err != nil {
			return nil, err
		}
		return p.command(ctx, "sync"), nil
	}}}
	return append(all, installed(
		&contender{name: "mpop", command: mpopToMaildir},
		&contender{name: "fetchmail", command: fetchmailToFile, oneByOne: true},
	)...)
}

// mpopToMaildir is mpop as it is used for keeping mail: each message in a file, which it
// has the system write to the disk before it counts as delivered.
func mpopToMaildir(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error) {
	maildir := filepath.Join(dir, "Maildir")
	if err := os.RemoveAll(maildir); err != nil {
		return nil, err
	}
	for _, sub := range []string{"new", "cur", "tmp"} {
		if err := os.MkdirAll(filepath.Join(maildir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	return mpop(ctx, dir, m, "maildir "+maildir)
}

// fetchmailToFile is fetchmail in the cheapest way that keeps the mail: batch SMTP into
// one file, which nobody asks the system to write to the disk.
func fetchmailToFile(ctx context.Context, dir string, m maildrop) (*exec.Cmd, error) {
	box := filepath.Join(dir, "box")
	if err := os.RemoveAll(box); err != nil {
		return nil, err
	}
	return fetchmail(ctx, dir, m, fmt.Sprintf("%q", box))
}
