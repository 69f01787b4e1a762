package mailfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory for zstd: files made with --long=27 are read, greater windows not.
const maxWindow = 1 << 28

// file is an open file, decompressed.
type file struct {
	io.Reader
	close []func() error
}

func (f *file) Close() error {
	var errs []error
	for i := len(f.close) - 1; i >= 0; i-- {
		errs = append(errs, f.close[i]())
	}
	return errors.Join(errs...)
}

// open opens a file and undoes its compression, which its first octets tell. progress hears how
// many octets of the file itself have been read.
func open(path string, progress func(int64)) (*file, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &file{close: []func() error{disk.Close}}
	var r io.Reader = disk
	if progress != nil {
		r = &counter{r: disk, tell: progress}
	}
	head := bufio.NewReaderSize(r, 64<<10)
	magic, _ := head.Peek(4) // a shorter file is not compressed
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(head)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
		}
		f.Reader, f.close = z, append(f.close, z.Close)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
		}
		f.Reader, f.close = z, append(f.close, func() error { z.Close(); return nil })
	default:
		f.Reader = head
	}
	return f, nil
}

// counter tells how far a file has been read.
type counter struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}
