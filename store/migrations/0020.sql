-- Since when a message lies in Trash; 0: it does not. What lies there already begins now.

ALTER TABLE messages ADD COLUMN trashed INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET trashed = unixepoch() * 1000 WHERE mailbox = 4;
CREATE INDEX messages_trashed ON messages(user_id, trashed) WHERE mailbox = 4;

-- Whose Trash was kept until they emptied it goes on so.
UPDATE users SET preferences = json_set(preferences, '$.trash_days', -1);
