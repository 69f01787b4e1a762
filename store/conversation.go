package store

import (
	"cmp"
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

// conversationBoxes are the mailboxes, from first to last, in which lies what is one conversation with a message in m.
func conversationBoxes(m Mailbox) (first, last Mailbox) {
	if m == Inbox || m == Archive {
		return Inbox, Archive
	}
	return m, m
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
	q, args := v.headSQL(user, m.Thread)
	rows, err := collect(ctx, s.data.read, scanSummary, q, args...)
	if err != nil || len(rows) == 0 {
		return m, err
	}
	return rows[0], nil
}

// headSQL is the query of head. The conversation leads: through the list it would pass
// all that is newer.
func (v View) headSQL(user UserID, thread int64) (q string, args []any) {
	where, args := v.conditions(user)
	received, id, _ := v.order()
	tables := "messages m INDEXED BY messages_thread"
	if v.Label != 0 {
		tables += " CROSS JOIN message_labels l ON l.message_id = m.id"
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE m.thread_id = ? AND %s ORDER BY %s DESC, %s DESC LIMIT 1",
		summaryColumns, tables, strings.Join(where, " AND "), received, id), append([]any{thread}, args...)
}

// converse fills in the conversations of a list's rows: an index tells which messages there are, and those of
// conversations that have several are read.
func (s *Store) converse(ctx context.Context, v View, rows []Summary) error {
	threads := make([]int64, len(rows))
	for i, m := range rows {
		threads[i] = m.Thread
	}
	list, err := json.Marshal(threads)
	if err != nil {
		return err
	}
	first, last := conversationBoxes(cmp.Or(v.Mailbox, Inbox))
	of := make([][]hit, len(rows))
	_, err = collect(ctx, s.data.read, func(row scanner) (struct{}, error) {
		var at int
		var m hit
		err := row.Scan(&at, &m.key, &m.id)
		of[at] = append(of[at], m)
		return struct{}{}, err
	}, `SELECT j.key, n.received, n.id FROM json_each(?) j
		CROSS JOIN messages n INDEXED BY messages_thread ON n.thread_id = j.value AND n.mailbox BETWEEN ? AND ?`, string(list), first, last)
	if err != nil {
		return err
	}
	var others []hit // than the rows themselves
	for i, messages := range of {
		slices.SortFunc(messages, hit.compare)
		if len(messages) < 2 {
			continue
		}
		rows[i].Conversation = &Conversation{Count: len(messages)}
		of[i] = messages[max(0, len(messages)-MaxConversation):]
		for _, m := range of[i] {
			if m.id != rows[i].ID {
				others = append(others, m)
			}
		}
	}
	letters, err := s.letters(ctx, others)
	if err != nil {
		return err
	}
	for i, m := range rows {
		if m.Conversation == nil {
			continue
		}
		letters[m.ID] = m
		for _, h := range of[i] {
			if letter, here := letters[h.id]; here { // it may have been purged just now
				m.Conversation.add(letter)
			}
		}
	}
	return nil
}

// letters reads what a conversation shows of its messages.
func (s *Store) letters(ctx context.Context, hits []hit) (map[MessageID]Summary, error) {
	letters := make(map[MessageID]Summary, len(hits))
	list, err := idList(hits)
	if err != nil {
		return nil, err
	}
	_, err = collect(ctx, s.data.read, func(row scanner) (struct{}, error) {
		var m Summary
		var labels *string
		err := row.Scan(&m.ID, &m.From.Name, &m.From.Address, &m.Unread, &m.Starred, &m.Attachments, &labels)
		if err == nil {
			m.Labels, err = parseLabels(labels)
		}
		letters[m.ID] = m
		return struct{}{}, err
	}, "SELECT m.id, m.from_name, m.from_address, m.unread, m.starred, m.attachments, "+labelsColumn+" FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value", list)
	return letters, err
}

// add takes in a message of the conversation, newer than those before it.
func (c *Conversation) add(m Summary) {
	if m.Unread {
		c.Unread++
	}
	c.Starred = c.Starred || m.Starred
	c.Attachments += m.Attachments
	for _, l := range m.Labels {
		if !slices.Contains(c.Labels, l) {
			c.Labels = append(c.Labels, l)
		}
	}
	same := func(p Correspondent) bool { return strings.EqualFold(p.Address.Address, m.From.Address) }
	if i := slices.IndexFunc(c.People, same); i < 0 {
		c.People = append(c.People, Correspondent{m.From, m.Unread})
	} else {
		c.People[i].Unread = c.People[i].Unread || m.Unread
	}
}

// Conversation returns the messages of a message's conversation, oldest first: the newest [MaxConversation] of them,
// and how many there are in all. Returns [ErrNotFound] if there is no such message.
func (s *Store) Conversation(ctx context.Context, user UserID, id MessageID) (messages []Summary, total int, err error) {
	m, err := s.Summary(ctx, user, id)
	if err != nil {
		return nil, 0, err
	}
	first, last := conversationBoxes(m.Mailbox)
	const these = " FROM messages m WHERE m.thread_id = ? AND m.mailbox BETWEEN ? AND ? AND +m.user_id = ?"
	args := []any{m.Thread, first, last, user}
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
