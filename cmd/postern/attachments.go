package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"postern/internal/attachtext"
	"postern/internal/message"
	"postern/store"
)

// attachmentReader reads attachments for the search: text files here, as the texts of
// messages are read, and documents in a process of their own, which is this program again.
type attachmentReader struct{ process attachtext.Process }

// attachmentTextCmd is that process. People have no use for it.
type attachmentTextCmd struct {
	Cache string `arg:"" help:"Where compiled code is kept."`
}

// Run reads documents from standard input until it ends. Signals are for the process that
// started it.
func (c attachmentTextCmd) Run(_ context.Context, p *program) error {
	return attachtext.Serve(p.in, p.out, attachtext.NewPDFReader(c.Cache))
}

func (p *program) attachmentReader() (*attachmentReader, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to read attachments in a process of its own: %w", err)
	}
	// On Linux this is the program that runs, whatever has taken its place since.
	if _, err := os.Stat("/proc/self/exe"); err == nil {
		self = "/proc/self/exe"
	}
	cache, err := filepath.Abs(filepath.Join(p.DataDir, "cache"))
	if err != nil {
		return nil, err
	}
	return &attachmentReader{attachtext.Process{Command: []string{self, "attachment-text", cache}}}, nil
}

// Reads tells whether there may be text in a part.
func (*attachmentReader) Reads(part *message.Part) bool {
	if attachtext.KindOf(part.MediaType(), part.Filename) != attachtext.None {
		return true
	}
	_, ok := part.AttachedText(nothing{}, 0)
	return ok
}

// Read returns the text of an attachment.
func (r *attachmentReader) Read(ctx context.Context, part *message.Part, raw io.ReaderAt) (string, error) {
	kind := attachtext.KindOf(part.MediaType(), part.Filename)
	if kind == attachtext.None {
		text, _ := part.AttachedText(raw, attachtext.MaxText)
		return text, nil
	}
	doc, err := r.process.Read(ctx, kind, part.Open(raw), part.Size)
	if errors.Is(err, attachtext.ErrStart) {
		err = fmt.Errorf("%w: %w", store.ErrNotNow, err)
	}
	return doc.Text, err
}

// Rest ends the process until it is needed again.
func (r *attachmentReader) Rest() { r.process.Close() }

// nothing has no octets.
type nothing struct{}

func (nothing) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
