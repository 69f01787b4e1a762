// Package mailfile reads and writes mail as other programs keep it in files: single messages
// (.eml), mbox in its four dialects, Maildir, folders of all these, and Google Takeout's mbox with
// its labels; compressed by gzip or zstd or not.
//
// Octets are kept as they stand in the files. What a format adds to a message (the "From " lines,
// the quoting of such lines in the text) is taken off again; what mail programs note inside the
// header (Status, X-Gmail-Labels) is read and left where it is.
package mailfile

import (
	"errors"
	"fmt"
	"io"
)

// Message is one message of a file.
type Message struct {
	Name string // where it stands, for a person: "Sent.mbox, message 17"
	Raw  []byte // valid until the callback returns
	Marks
}

// Marks is what the file says of a message besides its octets.
type Marks struct {
	Unread, Starred bool
	// Mailbox is "inbox", "archive", "junk", "trash", or "" where nothing says so.
	Mailbox string
	// Labels are the names of folders and labels the message carried, without those that
	// Mailbox, Unread and Starred tell already.
	Labels []string
	// Thread is Gmail's number of the conversation, or "".
	Thread string
}

// ErrTooLarge is a message longer than Options.Limit.
var ErrTooLarge = errors.New("it is larger than allowed")

// ErrNotMail is a file that does not look like mail.
var ErrNotMail = errors.New("it does not look like mail")

// Options for [Source.Read].
type Options struct {
	Limit   int64   // octets of a message; larger ones are passed over
	Dialect Dialect // of mbox files; the zero value finds out
	// Skipped is told what was passed over, and why. nil: nobody is told.
	Skipped func(name string, err error)
	// Progress is told how many octets of the file have been read. nil: nobody is told.
	Progress func(octets int64)
}

func (o Options) skipped(name string, err error) {
	if o.Skipped != nil {
		o.Skipped(name, err)
	}
}

// Read calls f for every message of the source, in order. An error of f ends it and is returned as
// it is; other errors are those of the file, after which the messages before were delivered all the
// same. A message that is too large is told to opt.Skipped and passed over.
func (s Source) Read(opt Options, f func(Message) error) error {
	kind, err := s.kind()
	if err != nil {
		return err
	}
	if kind == mbox {
		return s.readMbox(opt, f)
	}
	in, err := open(s.Path, opt.Progress)
	if err != nil {
		return err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, opt.Limit+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Path, err)
	}
	switch {
	case int64(len(raw)) > opt.Limit:
		opt.skipped(s.Path, ErrTooLarge)
		return nil
	case len(raw) == 0:
		return nil
	}
	return f(Message{Name: s.Path, Raw: raw, Marks: s.marks(raw)})
}

func (s Source) readMbox(opt Options, f func(Message) error) error {
	if opt.Dialect == Auto {
		var err error
		if opt.Dialect, err = s.dialect(opt.Limit); err != nil {
			return err
		}
	}
	in, err := open(s.Path, opt.Progress)
	if err != nil {
		return err
	}
	defer in.Close()
	r := NewReader(in, opt.Dialect, opt.Limit)
	for n := 1; ; n++ {
		raw, err := r.Next()
		name := fmt.Sprintf("%s, message %d", s.Path, n)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrTooLarge):
			opt.skipped(name, err)
			continue
		case err != nil:
			return fmt.Errorf("read %s: %w", s.Path, err)
		case len(raw) == 0:
			continue
		}
		if err := f(Message{Name: name, Raw: raw, Marks: s.marks(raw)}); err != nil {
			return err
		}
	}
}

// dialect finds out how the mbox was written. Only where every message has its length does it take
// a look at the whole file: a "From " line inside a text tells that nothing is quoted in it.
func (s Source) dialect(limit int64) (Dialect, error) {
	in, err := open(s.Path, nil)
	if err != nil {
		return Auto, err
	}
	defer in.Close()
	r := NewReader(in, Auto, limit)
	for n := 1; ; n++ {
		_, err := r.Next()
		switch {
		case errors.Is(err, ErrTooLarge):
		case errors.Is(err, io.EOF) && n > 1:
			return MboxCL, nil
		case err != nil || r.counted < n:
			return MboxRD, nil // a trouble of the file shows when it is read
		case r.unquoted:
			return MboxCL2, nil
		}
	}
}
