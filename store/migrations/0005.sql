-- By what a reply that names no message finds its thread.

ALTER TABLE messages ADD COLUMN thread_subject BLOB;    -- hash of the subject without "Re:"; NULL: none
ALTER TABLE messages ADD COLUMN thread_orphan INTEGER NOT NULL DEFAULT 0;   -- a reply that names no message
CREATE INDEX messages_subject ON messages(user_id, thread_subject, thread_orphan, received) WHERE thread_subject IS NOT NULL;
