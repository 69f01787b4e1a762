package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/store"
)

type backupCmd struct {
	File    string `arg:"" help:"The backup: a tar archive, compressed with zstd (backup.tar.zst)."`
	WithKey bool   `help:"Put the key file into it: whoever has the backup then has the passwords."`
}

func (backupCmd) Help() string {
	return "Works beside a running serve.\n\nExample:\n\n    postern backup /mnt/disk/postern.tar.zst"
}

func (c backupCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		m, err := p.backup(ctx, s, c.File, c.WithKey)
		if err != nil {
			return err
		}
		holds := "The key is NOT in it: keep " + p.keyPath() + " apart from it. Without that file a restored Postern asks for every password again."
		if m.HoldsKey {
			holds = "The key IS in it: whoever has this file can open the stored passwords."
		}
		fmt.Fprintf(p.out, "%s: %s. %s\n", c.File, counted(m.Messages, "message"), holds)
		return nil
	})
}

func (p *program) backup(ctx context.Context, s *store.Store, file string, withKey bool) (m store.Manifest, err error) {
	var key []byte
	if withKey {
		if key, err = os.ReadFile(p.keyPath()); err != nil {
			return m, fmt.Errorf("key file: %w", err)
		}
	}
	m, err = s.Backup(ctx, file, key)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s is there already, and a backup overwrites nothing; choose another name", file)
	}
	return m, err
}

type restoreCmd struct {
	File string `arg:"" help:"The backup."`
}

func (restoreCmd) Help() string {
	return "The data directory must be empty, but for the key file. Everything is read back afterwards. Deletions on servers wait until you have looked at them in the portal.\n\nExample:\n\n    postern restore /mnt/disk/postern.tar.zst --data-dir /var/lib/postern"
}

func (c restoreCmd) Run(ctx context.Context, p *program) (err error) {
	unlock, err := p.lockDataDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := p.mustBeEmpty(); err != nil {
		return err
	}
	m, key, err := store.RestoreBackup(ctx, c.File, p.DataDir, store.Options{Log: p.log})
	switch {
	case errors.Is(err, store.ErrNoBackup):
		return fmt.Errorf("%s: %w; nothing was restored", c.File, err)
	case err != nil:
		return fmt.Errorf("restore %s: %w", c.File, err)
	}
	fmt.Fprintf(p.out, "%s of %s restored.\n", counted(m.Messages, "message"), m.Created.Local().Format("2 January 2006, 15:04"))
	if err := p.restoreKey(key); err != nil {
		return err
	}
	fmt.Fprintln(p.out, "Deletions on servers wait: look at them in the portal, under Deletions, and let them go on or cancel them.")
	return p.readBack(ctx)
}

// mustBeEmpty refuses a data directory that holds more than a key and our lock.
func (p *program) mustBeEmpty() error {
	entries, err := os.ReadDir(p.DataDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != "postern.lock" && filepath.Join(p.DataDir, name) != filepath.Clean(p.keyPath()) {
			return fmt.Errorf("%s is not empty (%s), and restore overwrites nothing; choose another directory with --data-dir", p.DataDir, name)
		}
	}
	return nil
}

// restoreKey puts the key of a backup where it belongs, or says what is missing.
func (p *program) restoreKey(key []byte) error {
	path := p.keyPath()
	_, err := os.Lstat(path)
	switch {
	case err == nil && key != nil:
		fmt.Fprintf(p.out, "The key in the backup was left out: there is a key file already, %s.\n", path)
	case err == nil:
	case key == nil:
		fmt.Fprintf(p.out, "The key is not in the backup. Put the key file at %s before you start Postern; if it is lost, start with postern serve --forget-secrets and type each account's password again.\n", path)
	default:
		return os.WriteFile(path, key, 0o600)
	}
	return nil
}

// readBack checks what was restored. No key is needed for that.
func (p *program) readBack(ctx context.Context) (err error) {
	s, err := store.Open(ctx, p.DataDir, store.Options{Log: p.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return p.check(ctx, s, false)
}

// backupFlags are backups that serve makes by itself.
type backupFlags struct {
	BackupDir   string        `help:"Write backups into this folder, without the key." placeholder:"DIR"`
	BackupEvery time.Duration `help:"How often (${default})." default:"24h" placeholder:"TIME"`
	BackupKeep  int           `help:"How many of them stay (${default})." default:"7" placeholder:"N"`
}

// backupLook is how often serve looks whether a backup is due.
const backupLook = time.Minute

// backups makes a backup whenever the newest in the folder is old enough, and removes the
// oldest ones. One that failed is tried again a little later.
func (f backupFlags) backups(p *program, s *store.Store) func(context.Context) error {
	return func(ctx context.Context) error {
		if f.BackupDir == "" {
			return nil
		}
		for pause := time.Duration(0); ; pause = backupLook {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(pause):
			}
			if err := f.backupIfDue(ctx, p, s); err != nil && ctx.Err() == nil {
				p.log.Error("the scheduled backup failed", "folder", f.BackupDir, "err", err)
			}
		}
	}
}

// backupName is the name of a scheduled backup; names sort by time.
const backupName = "postern-20060102T150405Z.tar.zst"

func (f backupFlags) backupIfDue(ctx context.Context, p *program, s *store.Store) error {
	if err := os.MkdirAll(f.BackupDir, 0o700); err != nil {
		return err
	}
	made, err := scheduled(f.BackupDir)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	if n := len(made); n > 0 {
		last, _ := time.Parse(backupName, made[n-1]) // scheduled lists no other names
		// One from the future was made while the clock was wrong.
		if age := now.Sub(last); age >= 0 && age < f.BackupEvery {
			return nil
		}
	}
	name := now.Format(backupName)
	m, err := p.backup(ctx, s, filepath.Join(f.BackupDir, name), false)
	if err != nil {
		return err
	}
	p.log.Info("backup made", "file", filepath.Join(f.BackupDir, name), "messages", m.Messages)
	for _, old := range made[:max(0, len(made)+1-max(f.BackupKeep, 1))] {
		if err := os.Remove(filepath.Join(f.BackupDir, old)); err != nil {
			return err
		}
	}
	return nil
}

// scheduled lists the backups that serve has made in a folder, the oldest first.
func scheduled(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := time.Parse(backupName, e.Name()); err == nil && strings.HasPrefix(e.Name(), "postern-") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
