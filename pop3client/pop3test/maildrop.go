package pop3test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
)

// Message is a message in a maildrop.
type Message struct {
	UID string // unique-id, any octets but CR and LF
	Raw []byte // sent as it is, dots stuffed and the last line ended; not to be changed

	// Open, if set, gives the text of a message too large to hold, in place
	// of Raw; Octets is its size.
	Open   func() io.Reader
	Octets int64
}

// size is the number of octets of the message.
func (m *Message) size() int64 {
	if m.Open != nil {
		return m.Octets
	}
	return int64(len(m.Raw))
}

// reader gives the text of the message.
func (m *Message) reader() io.Reader {
	if m.Open != nil {
		return m.Open()
	}
	return bytes.NewReader(m.Raw)
}

// Maildrop is the mail of one user. Its methods may be called at any time; a
// session sees the messages that were there when it logged in.
type Maildrop struct {
	mu       sync.Mutex
	user     string
	password string
	token    string
	messages []*Message
	hidden   []*Message
	locked   bool
}

// NewMaildrop makes an empty maildrop.
func NewMaildrop(user, password string) *Maildrop {
	return &Maildrop{user: user, password: password}
}

// User gives the user's name.
func (d *Maildrop) User() string { return d.user }

// SetPassword changes the password.
func (d *Maildrop) SetPassword(password string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.password = password
}

// SetToken sets the token that XOAUTH2 and OAUTHBEARER accept; "" for none.
func (d *Maildrop) SetToken(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = token
}

// Add appends a message.
func (d *Maildrop) Add(uid string, raw []byte) {
	d.AddMessage(Message{UID: uid, Raw: raw})
}

// AddMessage appends a message.
func (d *Maildrop) AddMessage(m Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = append(d.messages, &m)
}

// Remove takes away the messages with a unique-id, as another client or the
// server's own expiry would, and tells how many there were.
func (d *Maildrop) Remove(uid string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.messages)
	d.messages = slices.DeleteFunc(d.messages, func(m *Message) bool { return m.UID == uid })
	return before - len(d.messages)
}

// Clear takes all messages away.
func (d *Maildrop) Clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = nil
}

// SetUID gives another unique-id to the messages that have the old one.
func (d *Maildrop) SetUID(old, uid string) {
	d.Renumber(func(_ int, was string) string {
		if was == old {
			return uid
		}
		return was
	})
}

// Renumber gives every message the unique-id that uid makes of its index and
// its old one, as a move to another server does.
func (d *Maildrop) Renumber(uid func(i int, old string) string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, m := range d.messages {
		changed := *m
		changed.UID = uid(i, m.UID)
		d.messages[i] = &changed
	}
}

// Messages gives the messages, in the order of their numbers.
func (d *Maildrop) Messages() []Message {
	var messages []Message
	for _, m := range d.snapshot() {
		messages = append(messages, *m)
	}
	return messages
}

// UIDs gives the unique-ids, in the order of the messages.
func (d *Maildrop) UIDs() []string {
	var uids []string
	for _, m := range d.snapshot() {
		uids = append(uids, m.UID)
	}
	return uids
}

// snapshot gives the messages as they are now.
func (d *Maildrop) snapshot() []*Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.messages)
}

// expunge removes the messages that a session has marked, those that are still
// there.
func (d *Maildrop) expunge(marked map[*Message]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = slices.DeleteFunc(d.messages, func(m *Message) bool { return marked[m] })
}

// hide takes messages that are still there out of sight.
func (d *Maildrop) hide(retrieved map[*Message]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = slices.DeleteFunc(d.messages, func(m *Message) bool {
		if retrieved[m] {
			d.hidden = append(d.hidden, m)
		}
		return retrieved[m]
	})
}

// Hidden gives the messages that no session sees any more (Config.Hides), in the order in
// which they were hidden.
func (d *Maildrop) Hidden() []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	var messages []Message
	for _, m := range d.hidden {
		messages = append(messages, *m)
	}
	return messages
}

// lock reserves the maildrop for one session.
func (d *Maildrop) lock() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return false
	}
	d.locked = true
	return true
}

func (d *Maildrop) unlock() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locked = false
}

// credentials gives password and token.
func (d *Maildrop) credentials() (password, token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.password, d.token
}

// CRLF makes a message of text whose lines end with LF.
func CRLF(text string) []byte {
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}
