package store

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A backup is a tar archive, compressed with zstd: the manifest, perhaps the key file,
// and last a copy of postern.db. The search index is derived and not in it.

// Names within a backup.
const (
	manifestName = "manifest.json"
	keyName      = "postern.key"
)

// Manifest says what is in a backup.
type Manifest struct {
	Format   int       `json:"format"` // 1
	Created  time.Time `json:"created"`
	Schema   int       `json:"schema"` // version of the database
	Messages int       `json:"messages"`
	HoldsKey bool      `json:"holds_key"` // whoever has the file can open the passwords in it
}

// Errors of [RestoreBackup].
var (
	ErrNoBackup = errors.New("this is not a backup of Postern, or it is cut short")
	ErrOccupied = errors.New("the data directory is not empty")
)

// Backup writes a backup to the file at path, which must not exist, consistent while
// others go on working. key is the text of the key file, nil to leave it out. The file
// gets its name only once it is whole and on disk.
func (s *Store) Backup(ctx context.Context, path string, key []byte) (m Manifest, err error) {
	if _, err := os.Lstat(path); err == nil {
		return m, fmt.Errorf("write backup: %w", &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist})
	}
	work, err := os.MkdirTemp(filepath.Dir(path), ".postern-backup-") // 0700, and on the same disk
	if err != nil {
		return m, fmt.Errorf("write backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	data, archive := filepath.Join(work, dataFile), filepath.Join(work, "archive")
	if err := s.copyData(ctx, data); err != nil {
		return m, fmt.Errorf("write backup: %w", err)
	}
	if m, err = s.manifest(ctx, data); err != nil {
		return m, fmt.Errorf("write backup: %w", err)
	}
	m.HoldsKey = key != nil
	if err := writeArchive(ctx, archive, m, key, data); err != nil {
		return m, fmt.Errorf("write backup: %w", err)
	}
	// A link, unlike a rename, takes no name that is taken by now.
	if err := errors.Join(os.Link(archive, path), syncDir(filepath.Dir(path))); err != nil {
		return m, fmt.Errorf("write backup: %w", err)
	}
	return m, nil
}

// manifest reads from the copy what is in it.
func (s *Store) manifest(ctx context.Context, path string) (Manifest, error) {
	m := Manifest{Format: 1, Created: s.now().UTC().Truncate(time.Second)}
	db := openPool(path, 1, []string{"PRAGMA query_only = ON"})
	err := db.QueryRowContext(ctx, "SELECT user_version, (SELECT count(*) FROM messages WHERE mailbox <> ?) FROM pragma_user_version", Purged).Scan(&m.Schema, &m.Messages)
	return m, errors.Join(err, db.close())
}

func writeArchive(ctx context.Context, path string, m Manifest, key []byte, data string) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	// Octets and texts are compressed already; what is left is quickly done.
	z, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	a := tar.NewWriter(z)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := addBytes(a, manifestName, append(text, '\n'), m.Created); err != nil {
		return err
	}
	if key != nil {
		if err := addBytes(a, keyName, key, m.Created); err != nil {
			return err
		}
	}
	if err := addFile(ctx, a, data, m.Created); err != nil {
		return err
	}
	return errors.Join(a.Close(), z.Close(), out.Sync())
}

func addBytes(a *tar.Writer, name string, data []byte, at time.Time) error {
	if err := a.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: at}); err != nil {
		return err
	}
	_, err := a.Write(data)
	return err
}

func addFile(ctx context.Context, a *tar.Writer, path string, at time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := a.WriteHeader(&tar.Header{Name: filepath.Base(path), Mode: 0o600, Size: info.Size(), ModTime: at}); err != nil {
		return err
	}
	_, err = io.Copy(a, &patient{ctx, f})
	return err
}

// patient reads until its context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// syncDir makes a new name in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
