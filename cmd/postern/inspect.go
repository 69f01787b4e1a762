package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"postern/internal/message"
	"postern/internal/sanitize"
)

type inspectCmd struct {
	File string `arg:"" help:"A raw message; - is standard input."`
}

func (inspectCmd) Help() string { return "Example:\n\n    postern inspect letter.eml" }

// inspection is a parsed message as JSON.
type inspection struct {
	From        []message.Address `json:"from"`
	To          []message.Address `json:"to"`
	Cc          []message.Address `json:"cc"`
	ReplyTo     []message.Address `json:"reply_to"`
	Subject     string            `json:"subject"`
	Date        *time.Time        `json:"date"`
	MessageID   string            `json:"message_id"`
	InReplyTo   []string          `json:"in_reply_to"`
	References  []string          `json:"references"`
	ListID      string            `json:"list_id"`
	Text        string            `json:"text"`
	HTML        *string           `json:"html"`
	SafeHTML    *string           `json:"safe_html"`
	Remote      []string          `json:"remote"`
	Attachments []attachment      `json:"attachments"`
	Defects     []string          `json:"defects"`
}

type attachment struct {
	Path        string `json:"path"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	Disposition string `json:"disposition"`
	ContentID   string `json:"content_id"`
	Inline      bool   `json:"inline"`
}

func (c inspectCmd) Run(_ context.Context, p *program) error {
	raw, size, err := c.open(p)
	if err != nil {
		return err
	}
	m, err := message.Parse(raw, size)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(inspect(m))
}

// open gives the message in a form that can be read at any place.
func (c inspectCmd) open(p *program) (io.ReaderAt, int64, error) {
	in := p.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, 0, err
		}
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return f, info.Size(), nil // the process ends with the command
		}
		in = f
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", c.File, err)
	}
	return bytes.NewReader(raw), int64(len(raw)), nil
}

func inspect(m *message.Message) inspection {
	e := m.Envelope
	v := inspection{
		From: list(e.From), To: list(e.To), Cc: list(e.Cc), ReplyTo: list(e.ReplyTo), Subject: e.Subject,
		MessageID: e.MessageID, InReplyTo: list(e.InReplyTo), References: list(e.References), ListID: e.ListID,
		Text: m.Text, Remote: []string{}, Attachments: []attachment{}, Defects: list(m.Defects),
	}
	if !e.Date.IsZero() {
		utc := e.Date.UTC()
		v.Date = &utc
	}
	if m.HasHTML {
		safe := sanitize.HTML(m.HTML, sanitize.Options{})
		v.HTML, v.SafeHTML, v.Remote = &m.HTML, &safe.HTML, list(safe.Remote)
	}
	for _, a := range m.Root.Attachments() {
		v.Attachments = append(v.Attachments, attachment{a.Path, a.Filename, a.Type, a.Size, a.Disposition, a.ContentID, a.Inline})
	}
	return v
}

// list is never null in JSON.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}
