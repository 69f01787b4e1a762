-- What a person decided about mail of one sender.
CREATE TABLE senders (
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	sender  TEXT NOT NULL,                -- "lina@example.net", or "@example.net" for a domain; lower case
	images  INTEGER NOT NULL DEFAULT 0,   -- remote images are loaded
	view    INTEGER NOT NULL DEFAULT 0,   -- 1 text, 2 HTML
	changed INTEGER NOT NULL,
	PRIMARY KEY (user_id, sender)
) WITHOUT ROWID, STRICT;

-- Whether a sender has written before.
CREATE INDEX messages_sender ON messages(user_id, from_address COLLATE NOCASE, received);
