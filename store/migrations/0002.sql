-- Labels: names that a person gives to messages, as many as they like to each.

CREATE TABLE labels (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	name    TEXT NOT NULL,
	folded  TEXT NOT NULL,                -- the name by which two labels are the same
	colour  INTEGER NOT NULL,
	created INTEGER NOT NULL,
	total   INTEGER NOT NULL DEFAULT 0,   -- counters of the label's list, kept by triggers
	unread  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX labels_name ON labels(user_id, folded);

-- The list of a label is read from here alone, in its order: what it is ordered and
-- counted by is repeated from the message.
CREATE TABLE message_labels (
	label_id   INTEGER NOT NULL REFERENCES labels ON DELETE CASCADE,
	shown      INTEGER NOT NULL,          -- the message is neither in Junk nor in Trash nor purged
	received   INTEGER NOT NULL,
	message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
	unread     INTEGER NOT NULL,
	PRIMARY KEY (label_id, shown, received, message_id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX message_labels_message ON message_labels(message_id, label_id);

CREATE TRIGGER message_labels_inserted AFTER INSERT ON message_labels WHEN new.shown = 1 BEGIN
	UPDATE labels SET total = total + 1, unread = unread + new.unread WHERE id = new.label_id;
END;
CREATE TRIGGER message_labels_deleted AFTER DELETE ON message_labels WHEN old.shown = 1 BEGIN
	UPDATE labels SET total = total - 1, unread = unread - old.unread WHERE id = old.label_id;
END;
CREATE TRIGGER message_labels_updated AFTER UPDATE ON message_labels BEGIN
	UPDATE labels SET total = total + new.shown - old.shown,
		unread = unread + new.shown * new.unread - old.shown * old.unread WHERE id = new.label_id;
END;
CREATE TRIGGER messages_labels_follow AFTER UPDATE OF mailbox, unread ON messages
WHEN old.mailbox <> new.mailbox OR old.unread <> new.unread BEGIN
	UPDATE message_labels SET shown = new.mailbox IN (1, 2), unread = new.unread WHERE message_id = new.id;
END;
