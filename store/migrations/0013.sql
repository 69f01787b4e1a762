-- Searches that a person keeps under a name, and those made last.

CREATE TABLE saved_searches (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	name       TEXT NOT NULL,
	query      TEXT NOT NULL,
	mailbox    INTEGER NOT NULL,          -- 0: all mail but Trash and Junk
	account_id INTEGER REFERENCES accounts ON DELETE SET NULL,  -- NULL: all accounts
	created    INTEGER NOT NULL
) STRICT;
CREATE INDEX saved_searches_user ON saved_searches(user_id, name);

CREATE TABLE recent_searches (
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	query   TEXT NOT NULL,
	used    INTEGER NOT NULL,
	PRIMARY KEY (user_id, query)
) WITHOUT ROWID, STRICT;
