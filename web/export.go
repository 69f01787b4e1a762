package web

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"postern/internal/i18n"
	"postern/internal/mailfile"
	"postern/store"
	"postern/templates"
)

// How many downloads of whole lists run at once.
const (
	maxExports  = 4
	userExports = 2 // for one user
)

// An exportFormat is what a list can be downloaded as.
type exportFormat struct {
	ext       string
	mediaType string                                         // RFC 4155 for mbox
	writer    func(w io.Writer, name string) mailfile.Writer // name: what the archive unpacks into
}

var exportFormats = map[string]exportFormat{
	"mbox": {".mbox", "application/mbox", func(w io.Writer, _ string) mailfile.Writer { return mailfile.NewMboxWriter(w) }},
	"maildir": {".maildir.tar", "application/x-tar", func(w io.Writer, name string) mailfile.Writer {
		return mailfile.NewMaildirTarWriter(w, name)
	}},
	"eml": {".eml.tar", "application/x-tar", func(w io.Writer, name string) mailfile.Writer { return mailfile.NewEmlTarWriter(w, name) }},
}

// exportPath is the address of a whole list as a file.
func (l list) exportPath(format string) string {
	v := url.Values{"mailbox": {l.box.key}, "format": {format}}
	if l.search != "" {
		v.Set("q", l.search)
	}
	if l.account != 0 {
		v.Set("account", formatID(l.account))
	}
	return "/export?" + v.Encode()
}

// downloadsOf are the links to a whole list as a file.
func downloadsOf(ctx context.Context, l list) []templates.Link {
	return []templates.Link{
		{Text: i18n.T(ctx, "One mbox file"), URL: l.exportPath("mbox")},
		{Text: i18n.T(ctx, "A Maildir (tar)"), URL: l.exportPath("maildir")},
		{Text: i18n.T(ctx, "An .eml file each (tar)"), URL: l.exportPath("eml")},
	}
}

// export: GET /export?mailbox=inbox&q=tax&account=3&format=mbox. The whole list, oldest first, written while it is
// sent, so that its size costs no memory but that of the ids.
func (s *Server) export(w http.ResponseWriter, r *http.Request, v *visitor) error {
	values := r.URL.Query()
	format, known := exportFormats[values.Get("format")]
	l, ok := listOf(values.Get("mailbox"), values)
	if !ok || !known {
		return noPage
	}
	ctx := r.Context()
	if err := s.resolve(ctx, v.ID, &l); err != nil {
		return missing(err, noLabel)
	}
	if l.account != 0 {
		if _, err := s.store.Account(ctx, v.ID, l.account); err != nil {
			return missing(err, noAccount)
		}
	}
	leave, ok := s.exports.take(v.ID)
	if !ok {
		return &pageError{code: http.StatusTooManyRequests, title: "Other downloads are under way", text: "Wait until one of them has ended, then try again."}
	}
	defer leave()
	var ids []store.MessageID
	if r.Method != http.MethodHead {
		var err error
		if ids, err = s.store.MessageIDs(ctx, v.ID, l.first().view(s.clock(ctx).now), math.MaxInt32); err != nil {
			return err
		}
	}
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", format.mediaType)
	name := exportName(s.clock(ctx), l)
	w.Header().Set("Content-Disposition", disposition("attachment", name+format.ext))
	w.WriteHeader(http.StatusOK) // from here on an error cuts the answer short: nobody takes it for a whole one
	if r.Method == http.MethodHead {
		return nil
	}
	file := format.writer(w, name)
	slices.Reverse(ids)
	for _, id := range ids {
		if err := s.exportMessage(ctx, v.ID, id, file); err != nil {
			return err
		}
	}
	return file.Close()
}

// exportMessage writes one message. One that was purged meanwhile, or of which only the header is here, is left out.
func (s *Server) exportMessage(ctx context.Context, user store.UserID, id store.MessageID, file mailfile.Writer) error {
	m, err := s.store.Summary(ctx, user, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.Partial {
		return nil
	}
	if err != nil {
		return err
	}
	octets, err := s.store.Octets(ctx, user, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Write(mailfile.Entry{
		ID: int64(m.ID), Mailbox: m.Mailbox.String(), Unread: m.Unread, Starred: m.Starred,
		From: m.From.Address, Received: m.Received, Octets: io.NewSectionReader(octets, 0, octets.Size()), Size: octets.Size(),
	})
}

// exportName is the name of the file without its extension: "postern Inbox 2026-11-25".
func exportName(c clock, l list) string {
	name := l.heading(c.Locale)
	if l.box.label && l.search == "" {
		name = "label" // its name is free text, with slashes
	}
	return "postern " + name + " " + c.now.Format(time.DateOnly)
}
