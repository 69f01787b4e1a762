// Package demo is the mailbox that `postern demo` shows: some fifty invented messages
// in many languages and forms, one of them broken on purpose.
//
// Each is a file in mail/, written in UTF-8 with nothing encoded, to be read and edited
// as it is. Loading turns it into what a mail server would hold: the header fields and
// each part encoded in the charset and transfer encoding that the file declares, dated
// relative to now. Fields that begin with X-Demo- tell how, and are not in the result:
//
//	X-Demo-Age: 3h        how long ago it arrived (also 10m, 5d, 2y)
//	X-Demo-Zone: +0800    the sender's time zone, UTC unless told
//	X-Demo-Parent: name   the file that it answers: In-Reply-To and References
//	X-Demo-File: name     on a part: its octets are the file made by that name
//	X-Demo-Raw: charset   the file's text in that charset and not encoded at all
//
// In the text, {{day +16d}} is the day in so many days, {{ics +16d}} the same as in
// calendars, and {{date -2d}} as in header fields.
package demo

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

//go:embed mail/*.eml
var sources embed.FS

// A Message is one message of the maildrop.
type Message struct {
	// UIDL is its unique-id (RFC 1939 §7), made from the name of its file.
	UIDL string
	// Raw are its octets, with CRLF at the end of every line.
	Raw []byte
}

// Messages returns the sample mailbox as it is at a time, oldest message first.
func Messages(now time.Time) []Message {
	messages, err := load(now)
	if err != nil {
		// The files are part of the program, and its tests load each.
		panic("demo: " + err.Error())
	}
	return messages
}

// load reads all sources and builds their messages.
func load(now time.Time) ([]Message, error) {
	entries, err := sources.ReadDir("mail")
	if err != nil {
		return nil, err
	}
	all := make(map[string]*source)
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".eml")
		text, err := sources.ReadFile(path.Join("mail", entry.Name()))
		if err != nil {
			return nil, err
		}
		if all[name], err = parse(name, string(text), now); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var messages []Message
	for _, s := range inOrder(all) {
		raw, err := s.build(all)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		messages = append(messages, Message{UIDL: "demo-" + s.name, Raw: raw})
	}
	return messages, nil
}

// inOrder returns the sources as they arrived.
func inOrder(all map[string]*source) []*source {
	sorted := make([]*source, 0, len(all))
	for _, s := range all {
		sorted = append(sorted, s)
	}
	slices.SortFunc(sorted, func(a, b *source) int {
		if c := a.date.Compare(b.date); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return sorted
}
