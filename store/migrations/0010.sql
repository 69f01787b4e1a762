-- A conversation's messages by mailbox and time, so that a list of conversations asks this index alone whether a
-- message is the newest of its conversation, and how many there are.

DROP INDEX messages_thread;
CREATE INDEX messages_thread ON messages(thread_id, mailbox, received, id);
