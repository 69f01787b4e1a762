package mailfile

import (
	"archive/tar"
	"errors"
	"io"
	"path"
	"time"
)

// TarWriter writes a tar archive with a file for each message. Unlike a zip it has no directory at its end, which would
// have to be kept until then.
type TarWriter struct {
	w       *tar.Writer
	folder  string
	name    func(Entry) string
	maildir bool
	made    map[string]bool // the Maildirs that are begun
}

// NewEmlTarWriter writes the files of [EmlWriter] to w, all in a folder of that name. Close does not close w.
func NewEmlTarWriter(w io.Writer, folder string) *TarWriter {
	return &TarWriter{w: tar.NewWriter(w), folder: folder, name: EmlName}
}

// NewMaildirTarWriter writes a Maildir++ of that name to w, which Close does not close.
func NewMaildirTarWriter(w io.Writer, folder string) *TarWriter {
	return &TarWriter{w: tar.NewWriter(w), folder: folder, name: maildirName, maildir: true, made: map[string]bool{}}
}

// Write implements [Writer]. The entry's Size must be that of its octets.
func (t *TarWriter) Write(e Entry) error {
	if err := t.makeMaildir(maildirFolder(e.Mailbox), e.Received); err != nil {
		return err
	}
	err := t.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path.Join(t.folder, t.name(e)), Mode: 0o600, Size: e.Size, ModTime: e.Received.UTC()})
	if err != nil {
		return err
	}
	_, err = io.Copy(t.w, e.Octets)
	return err
}

// makeMaildir begins a Maildir with the three folders that make one.
func (t *TarWriter) makeMaildir(folder string, at time.Time) error {
	if !t.maildir || t.made[folder] {
		return nil
	}
	t.made[folder] = true
	for _, sub := range []string{"cur", "new", "tmp"} {
		err := t.w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: path.Join(t.folder, folder, sub) + "/", Mode: 0o700, ModTime: at.UTC()})
		if err != nil {
			return err
		}
	}
	return nil
}

// Close implements [Writer].
func (t *TarWriter) Close() error {
	err := t.makeMaildir("", time.Now()) // a Maildir without mail is one, too
	return errors.Join(err, t.w.Close())
}
