package dovecottest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Deliver puts messages into the Maildir as a mail server does, each in a file of
// exactly the octets given, and returns the files' unique names in the same order.
// Dovecot numbers the messages in that order too.
func (s *Server) Deliver(tb testing.TB, raw ...[]byte) []string {
	tb.Helper()
	names, err := s.Add(raw...)
	if err != nil {
		tb.Fatalf("dovecottest: %v", err)
	}
	return names
}

// Add is Deliver with an error for a result: the names are those of the messages that
// were delivered before it.
func (s *Server) Add(raw ...[]byte) ([]string, error) {
	names := make([]string, 0, len(raw))
	for _, octets := range raw {
		s.delivered++
		name := fmt.Sprintf("%d.M%06dP1.dovecottest", time.Now().Unix(), s.delivered)
		if err := s.deliver(name, octets); err != nil {
			return names, fmt.Errorf("deliver: %w", err)
		}
		names = append(names, name)
	}
	return names, nil
}

// deliver writes to tmp and renames to new, so that Dovecot never sees half a file.
func (s *Server) deliver(name string, octets []byte) error {
	tmp := filepath.Join(s.Maildir(), "tmp", name)
	if err := os.WriteFile(tmp, octets, 0o600); err != nil {
		return err
	}
	if err := s.owner.Give(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(s.Maildir(), "new", name))
}

// Files returns the messages that the Maildir holds: the unique name of each file
// (without the flags that Dovecot adds behind a colon) and, in hexadecimal, the
// SHA-256 of its octets. Two calls compare the state before and after a session.
func (s *Server) Files(tb testing.TB) map[string]string {
	tb.Helper()
	files := make(map[string]string)
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(s.Maildir(), sub))
		if err != nil {
			tb.Fatalf("dovecottest: %v", err)
		}
		for _, entry := range entries {
			octets, err := os.ReadFile(filepath.Join(s.Maildir(), sub, entry.Name()))
			if err != nil {
				tb.Fatalf("dovecottest: %v", err)
			}
			unique, _, _ := strings.Cut(entry.Name(), ":")
			if _, twice := files[unique]; twice {
				tb.Errorf("dovecottest: %s is in the Maildir twice", unique)
			}
			sum := sha256.Sum256(octets)
			files[unique] = hex.EncodeToString(sum[:])
		}
	}
	return files
}
