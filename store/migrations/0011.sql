-- The text of attached documents, which search finds too. Reading them takes long, so it
-- comes after their message: the queue has the messages whose documents were not read yet.

CREATE TABLE attachment_queue (
	message_id INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE
) STRICT;
INSERT INTO attachment_queue SELECT id FROM messages WHERE attachments > 0 AND partial = 0;

-- One row for each document that reading was begun of.
CREATE TABLE attachment_texts (
	message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
	part       TEXT NOT NULL,             -- its path in the message
	tries      INTEGER NOT NULL,          -- how often reading it was begun and did not end
	text       BLOB,                      -- zstd; NULL: there is none
	trouble    TEXT NOT NULL DEFAULT '',  -- why it could not be read
	PRIMARY KEY (message_id, part)
) STRICT;
