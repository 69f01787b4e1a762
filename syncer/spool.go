package syncer

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// memorySpool is how much of a message is held in memory before it goes to a file.
const memorySpool = 1 << 20

// errSpool says that our own disk failed a message on its way.
var errSpool = errors.New(told("the message could not be kept on its way to the store"))

var errTooBig = errors.New(told("the message is larger than the limit"))

// spool holds one message on its way from the server to the store: small ones in
// memory, others in a file of dir that has no name any more.
type spool struct {
	dir   string
	limit int64
	hint  int64 // how many octets are expected
	size  int64
	mem   []byte
	file  spoolFile
}

// spoolFile is a file without a name.
type spoolFile interface {
	io.WriteCloser
	io.ReaderAt
}

// createSpoolFile makes one in dir. It is removed at once: it lives as long as it is
// open, also if we die. A test may put a disk that fails in its place.
var createSpoolFile = func(dir string) (spoolFile, error) {
	f, err := os.CreateTemp(dir, "spool-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Write implements io.Writer; beyond the limit it fails with errTooBig.
func (s *spool) Write(p []byte) (int, error) {
	if s.size+int64(len(p)) > s.limit {
		return 0, errTooBig
	}
	if s.file == nil && s.size+int64(len(p)) > memorySpool {
		if err := s.spill(); err != nil {
			return 0, fmt.Errorf("%w: %w", errSpool, err)
		}
	}
	if s.mem == nil && s.file == nil {
		s.mem = make([]byte, 0, max(min(s.hint, memorySpool), int64(len(p))))
	}
	s.size += int64(len(p))
	if s.file == nil {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	n, err := s.file.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", errSpool, err)
	}
	return n, err
}

func (s *spool) spill() error {
	f, err := createSpoolFile(s.dir)
	if err != nil {
		return err
	}
	s.file = f
	_, err = f.Write(s.mem)
	s.mem = nil
	return err
}

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	if s.file != nil {
		n, err := s.file.ReadAt(p, off)
		if err != nil && err != io.EOF {
			err = fmt.Errorf("%w: %w", errSpool, err)
		}
		return n, err
	}
	if off >= int64(len(s.mem)) {
		return 0, io.EOF
	}
	n := copy(p, s.mem[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size is how many octets have been written.
func (s *spool) Size() int64 { return s.size }

// held is how many octets of memory the spool takes, whatever the message's size.
func (s *spool) held() int64 { return int64(cap(s.mem)) }

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
	}
	s.mem = nil
}
