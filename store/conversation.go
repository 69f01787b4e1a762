package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"postern/internal/message"
)

// MaxConversation is how many messages of a conversation, the newest, are looked at or shown at once.
const MaxConversation = 200

// Conversation is what a list shows of the messages of a thread, in the row of one of them. Inbox and archive together
// hold a conversation; what of the same thread lies in Junk or in Trash is another one: a forged reference must not
// bring junk among a person's letters, nor take these away with it.
type Conversation struct {
	Count       int             // messages
	Unread      int             // of these, of the newest [MaxConversation]
	Starred     bool            // one of them is
	Attachments int             // of all of them
	People      []Correspondent // who wrote, by their first message
	Labels      []LabelID       // of all of them
}

// Correspondent is somebody who wrote in a conversation.
type Correspondent struct {
	message.Address
	Unread bool // a message of theirs is unread
}

// ofConversation are the messages n of the conversation of m.
var ofConversation = fmt.Sprintf("n.thread_id = m.thread_id AND n.mailbox IN (m.mailbox, CASE m.mailbox WHEN %[1]d THEN %[2]d WHEN %[2]d THEN %[1]d ELSE m.mailbox END)", Inbox, Archive)

// newestOfThread is the condition that no message of the same conversation stands before m in the list: a list of
// conversations shows each by its newest message there. Nothing is kept for it; one look into messages_thread tells.
func (v View) newestOfThread() (term string, args []any) {
	where := []string{"n.thread_id = m.thread_id", "(n.received, n.id) > (m.received, m.id)"}
	add := func(term string, a ...any) { where, args = append(where, term), append(args, a...) }
	if v.Mailbox != 0 {
		add("n.mailbox = ?", v.Mailbox)
	} else {
		add("n.mailbox IN (?, ?)", Inbox, Archive)
	}
	if v.Label != 0 {
		add("EXISTS (SELECT 1 FROM message_labels WHERE message_id = n.id AND label_id = ?)", v.Label)
	}
	if v.Starred {
		add("n.starred = 1")
	}
	if v.Account != 0 {
		add("n.account_id = ?", v.Account)
	}
	if v.Whole {
		add("n.partial = 0")
	}
	return "NOT EXISTS (SELECT 1 FROM messages n INDEXED BY messages_thread WHERE " + strings.Join(where, " AND ") + ")", args
}

// head is the message by which a list of conversations shows that of m; m itself if the list does not have it.
func (s *Store) head(ctx context.Context, user UserID, v View, m Summary) (Summary, error) {
	where, args := v.conditions(user)
	received, id, tables := v.order()
	rows, err := collect(ctx, s.data.read, scanSummary, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND +m.thread_id = ? ORDER BY %s DESC, %s DESC LIMIT 1",
		summaryColumns, tables, strings.Join(where, " AND "), received, id), append(args, m.Thread)...)
	if err != nil || len(rows) == 0 {
		return m, err
	}
	return rows[0], nil
}

// converse fills in the conversations of a list's rows.
func (s *Store) converse(ctx context.Context, rows []Summary) error {
	ids := make([]MessageID, len(rows))
	at := make(map[MessageID]*Summary, len(rows))
	for i := range rows {
		ids[i], at[rows[i].ID] = rows[i].ID, &rows[i]
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	type found struct {
		id       MessageID
		count    int
		messages *string // JSON, newest first; NULL where it is one alone
	}
	all, err := collect(ctx, s.data.read, func(row scanner) (f found, err error) {
		return f, row.Scan(&f.id, &f.count, &f.messages)
	}, `SELECT m.id, m.n, CASE WHEN m.n > 1 THEN (SELECT json_group_array(json_array(id, from_name, from_address, unread, starred, attachments,
			json((SELECT json_group_array(label_id) FROM message_labels WHERE message_id = id)))) FROM
			(SELECT * FROM messages n WHERE `+ofConversation+` ORDER BY n.received DESC, n.id DESC LIMIT ?)) END
		FROM (SELECT m.id, m.thread_id, m.mailbox, (SELECT count(*) FROM messages n WHERE `+ofConversation+`) AS n
			FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value) m`, MaxConversation, string(list))
	if err != nil {
		return err
	}
	for _, f := range all {
		c := &Conversation{Count: f.count}
		if f.messages != nil {
			if err := c.read(*f.messages); err != nil {
				return err
			}
			at[f.id].Conversation = c
		}
	}
	return nil
}

// read takes in the messages of a conversation as converse's query has them.
func (c *Conversation) read(list string) error {
	var messages []json.RawMessage
	if err := json.Unmarshal([]byte(list), &messages); err != nil {
		return err
	}
	for _, m := range slices.Backward(messages) {
		var id MessageID
		var from Correspondent
		var unread, starred, attachments int
		var labels []LabelID
		if err := json.Unmarshal(m, &[]any{&id, &from.Name, &from.Address.Address, &unread, &starred, &attachments, &labels}); err != nil {
			return err
		}
		c.Unread += unread
		c.Starred = c.Starred || starred == 1
		c.Attachments += attachments
		for _, l := range labels {
			if !slices.Contains(c.Labels, l) {
				c.Labels = append(c.Labels, l)
			}
		}
		from.Unread = unread == 1
		same := func(p Correspondent) bool { return strings.EqualFold(p.Address.Address, from.Address.Address) }
		if i := slices.IndexFunc(c.People, same); i < 0 {
			c.People = append(c.People, from)
		} else {
			c.People[i].Unread = c.People[i].Unread || from.Unread
		}
	}
	return nil
}

// Conversation returns the messages of a message's conversation, oldest first: the newest [MaxConversation] of them,
// and how many there are in all. Returns [ErrNotFound] if there is no such message.
func (s *Store) Conversation(ctx context.Context, user UserID, id MessageID) (messages []Summary, total int, err error) {
	m, err := s.Summary(ctx, user, id)
	if err != nil {
		return nil, 0, err
	}
	boxes := []any{m.Mailbox, m.Mailbox}
	if m.Mailbox == Inbox || m.Mailbox == Archive {
		boxes = []any{Inbox, Archive}
	}
	const these = " FROM messages m WHERE m.thread_id = ? AND m.mailbox IN (?, ?) AND +m.user_id = ?"
	args := append([]any{m.Thread}, append(boxes, user)...)
	messages, err = collect(ctx, s.data.read, scanSummary, "SELECT "+summaryColumns+these+" ORDER BY m.received DESC, m.id DESC LIMIT ?", append(args, MaxConversation)...)
	if err != nil {
		return nil, 0, err
	}
	slices.Reverse(messages)
	if total = len(messages); total == MaxConversation {
		total, err = one(ctx, s.data.read, scanValue[int], "SELECT count(*)"+these, args...)
	}
	return messages, total, err
}

// WholeConversations returns the ids of all messages of the conversations of some, as [Store.Conversation] has them,
// for an action on whole conversations. Ids that are not the user's are passed over.
func (s *Store) WholeConversations(ctx context.Context, user UserID, ids []MessageID) ([]MessageID, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.data.read, scanValue[MessageID], `SELECT DISTINCT n.id FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value
		JOIN messages n ON `+ofConversation+` WHERE m.user_id = ? AND m.mailbox <> ? AND n.user_id = m.user_id`, string(list), user, Purged)
}
