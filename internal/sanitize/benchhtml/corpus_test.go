package benchhtml

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"postern/internal/message"
)

// corpus reads the HTML bodies of the messages, and the templates, of a folder beside the repository.
func corpus(b *testing.B) (mails []string) {
	b.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		b.Skip(err)
	}
	add := func(raw []byte) {
		r := bytes.NewReader(raw)
		m, err := message.Parse(r, int64(len(raw)))
		if err != nil {
			return
		}
		if html, ok := message.BodyHTML(m.Root, r); ok {
			mails = append(mails, html)
		}
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir():
			return err
		case strings.HasSuffix(path, ".tar.zst"):
			return archive(path, add)
		}
		raw, err := os.ReadFile(path)
		switch {
		case err != nil || len(raw) > 5<<20:
		case strings.Contains(path, string(filepath.Separator)+"html-"):
			if strings.HasSuffix(path, ".html") {
				mails = append(mails, string(raw))
			}
		default:
			add(raw)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return mails
}

// archive reads the messages of a compressed archive.
func archive(file string, add func(raw []byte)) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<28))
	if err != nil {
		return err
	}
	defer z.Close()
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		raw, err := io.ReadAll(t)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(raw, []byte("From ")) { // a line of mbox
			_, raw, _ = bytes.Cut(raw, []byte("\n"))
		}
		add(raw)
	}
}
