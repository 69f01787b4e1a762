package syncer

import (
	"bytes"
	"io"
	"testing"

	"postern/internal/message"
)

// FailingReader has our own code panic over messages with certain octets in them.
func FailingReader(t testing.TB, over string) {
	t.Helper()
	sound := parseMessage
	parseMessage = func(octets io.ReaderAt, size int64) (*message.Message, error) {
		if raw, _ := io.ReadAll(io.NewSectionReader(octets, 0, size)); bytes.Contains(raw, []byte(over)) {
			panic("a fault of ours")
		}
		return sound(octets, size)
	}
	t.Cleanup(func() { parseMessage = sound })
}

// FailingDisk has the files of messages on their way fail with err: after so many octets
// written, or when they are read back.
func FailingDisk(t *testing.T, after int64, reading bool, err error) {
	t.Helper()
	sound := createSpoolFile
	createSpoolFile = func(dir string) (spoolFile, error) {
		if after == 0 && !reading {
			return nil, err
		}
		f, createErr := sound(dir)
		return &failing{f, after, reading, err}, createErr
	}
	t.Cleanup(func() { createSpoolFile = sound })
}

type failing struct {
	spoolFile
	left    int64
	reading bool
	err     error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= int64(len(p)); f.left < 0 && !f.reading {
		return 0, f.err
	}
	return f.spoolFile.Write(p)
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.reading {
		return 0, f.err
	}
	return f.spoolFile.ReadAt(p, off)
}
