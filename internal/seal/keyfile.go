package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors of LoadKey.
var (
	// ErrNoKey says that there is no key file.
	ErrNoKey = errors.New("there is no key file")
	// ErrBadKey says that the text is not 32 octets in base64.
	ErrBadKey = errors.New("not a Postern key (32 octets in base64 on one line)")
	// ErrKeyExposed says that others than the owner may read the key file.
	ErrKeyExposed = errors.New("key file is open to others")
)

// maxKeyFile is far more than a key needs; it bounds the read of a wrong file.
const maxKeyFile = 1 << 10

// LoadKey reads the key file at path: one line, 32 octets in base64, readable
// by its owner alone. When there is none and create is set, it makes a new key
// and does not return before the file is safely on disk; an existing file is
// never replaced. Errors match ErrNoKey, ErrBadKey, ErrKeyExposed or are the
// file system's.
func LoadKey(path string, create bool) (*Key, error) {
	key, err := readKey(path)
	if err == nil || !create || !errors.Is(err, ErrNoKey) {
		return key, err
	}
	key = NewKey()
	if err := createKey(path, key); errors.Is(err, fs.ErrExist) {
		return readKey(path) // another process was first: its key counts
	} else if err != nil {
		return nil, fmt.Errorf("create key file %s: %w", path, err)
	}
	return key, nil
}

// WriteFile stores the key at path in the place of what is there, atomically
// and durably: after a crash the file holds the old key or the new one.
func (k *Key) WriteFile(path string) error {
	temp, err := writeTemp(filepath.Dir(path), k)
	if err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	return nil
}

func readKey(path string) (*Key, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNoKey, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o; make it readable by its owner alone (chmod 600 %s)",
			ErrKeyExposed, path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	key, err := ParseKey(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// createKey puts a new key file in place. A hard link, unlike a rename, fails
// when the name is taken, so two first starts cannot overwrite each other's key.
func createKey(path string, k *Key) error {
	dir := filepath.Dir(path)
	temp, err := writeTemp(dir, k)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// writeTemp writes the key to a new file (mode 0600) in dir and waits until its
// octets are on disk.
func writeTemp(dir string, k *Key) (name string, err error) {
	f, err := os.CreateTemp(dir, ".key-*")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(k.text() + "\n")
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// syncDir makes a new name in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
