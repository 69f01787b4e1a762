-- The first schema of postern.db. Times are unix milliseconds, enumerations the
-- small integers named in types.go, UIDLs and hashes BLOBs.

CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value ANY NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE users (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	name     TEXT NOT NULL COLLATE NOCASE UNIQUE,
	password TEXT NOT NULL,               -- argon2id, PHC string
	owner    INTEGER NOT NULL,
	created  INTEGER NOT NULL
) STRICT;

-- One row for each browser that is signed in.
CREATE TABLE sessions (
	id         BLOB PRIMARY KEY,          -- SHA-256 of the random id in the cookie
	user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	data       BLOB NOT NULL,
	device     TEXT NOT NULL,             -- the browser's User-Agent
	created    INTEGER NOT NULL,
	used       INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX sessions_user ON sessions(user_id);

-- One maildrop that we poll. A removed account keeps its row (without password)
-- as long as mail of it is kept.
CREATE TABLE accounts (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id         INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	name            TEXT NOT NULL,
	email           TEXT NOT NULL,
	host            TEXT NOT NULL,
	port            INTEGER NOT NULL,
	security        INTEGER NOT NULL,
	username        TEXT NOT NULL,
	password        BLOB,                 -- sealed; NULL: none
	mechanism       TEXT NOT NULL,        -- SASL mechanism asked for by name, or ''
	ca              TEXT NOT NULL,        -- extra roots, PEM, or ''
	policy          INTEGER NOT NULL,
	policy_days     INTEGER NOT NULL,
	read_after_days INTEGER NOT NULL,     -- older mail arrives as read; 0: all arrives unread
	interval        INTEGER NOT NULL,     -- milliseconds between checks; 0: by hand only
	colour          INTEGER NOT NULL,
	created         INTEGER NOT NULL,
	revision        INTEGER NOT NULL DEFAULT 1,  -- grows with each change of the settings
	removed         INTEGER,
	paused          INTEGER NOT NULL DEFAULT 0,
	next_check      INTEGER NOT NULL,
	failures        INTEGER NOT NULL DEFAULT 0,  -- in a row
	auth_failures   INTEGER NOT NULL DEFAULT 0,  -- wrong passwords in a row
	server_count    INTEGER NOT NULL DEFAULT 0,  -- messages in the last complete listing
	server_octets   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX accounts_user ON accounts(user_id);
CREATE INDEX accounts_due ON accounts(next_check) WHERE removed IS NULL AND paused = 0;

-- Raw messages, once per user and SHA-256, in chunks of 256 KiB before compression.
CREATE TABLE octets (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id  INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	sha256   BLOB NOT NULL,
	size     INTEGER NOT NULL,
	complete INTEGER NOT NULL,            -- 0 while a large one is being staged
	created  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX octets_hash ON octets(user_id, sha256) WHERE complete = 1;
CREATE INDEX octets_staged ON octets(created) WHERE complete = 0;

CREATE TABLE chunks (
	octets_id INTEGER NOT NULL REFERENCES octets ON DELETE CASCADE,
	n         INTEGER NOT NULL,
	codec     INTEGER NOT NULL,           -- 0 as is, 1 zstd
	data      BLOB NOT NULL,
	PRIMARY KEY (octets_id, n)
) STRICT;

-- What a list needs of a message. The id is the number of its arrival.
CREATE TABLE messages (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id      INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	account_id   INTEGER REFERENCES accounts ON DELETE CASCADE,  -- NULL: imported
	octets_id    INTEGER NOT NULL REFERENCES octets,
	thread_id    INTEGER NOT NULL,
	mailbox      INTEGER NOT NULL,
	came_from    INTEGER NOT NULL,        -- mailbox to restore to from Trash
	unread       INTEGER NOT NULL,
	starred      INTEGER NOT NULL,
	server       INTEGER NOT NULL,        -- derived from unique_ids and deletions
	received     INTEGER NOT NULL,
	date         INTEGER,                 -- the sender's; only shown
	size         INTEGER NOT NULL,
	from_name    TEXT NOT NULL,
	from_address TEXT NOT NULL,
	subject      TEXT NOT NULL,
	snippet      TEXT NOT NULL,
	attachments  INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_mailbox ON messages(user_id, mailbox, received, id);
CREATE INDEX messages_all     ON messages(user_id, received, id);
CREATE INDEX messages_account ON messages(account_id, mailbox, received, id);
CREATE INDEX messages_starred ON messages(user_id, received, id) WHERE starred = 1;
CREATE INDEX messages_unread  ON messages(user_id, mailbox, received, id) WHERE unread = 1;
CREATE INDEX messages_thread  ON messages(thread_id, received, id);
CREATE INDEX messages_octets  ON messages(octets_id);
CREATE INDEX messages_purged  ON messages(id) WHERE mailbox = 9;

-- What the message page needs: the parsed reading, so that a part is later
-- served by seek and decode.
CREATE TABLE readings (
	message_id INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
	envelope   TEXT NOT NULL,             -- JSON of message.Envelope
	structure  TEXT NOT NULL,             -- JSON of the part tree
	defects    TEXT NOT NULL,             -- JSON list of sentences
	report     TEXT NOT NULL,             -- a sentence that sums up a delivery report or an invitation, or ''
	text       BLOB NOT NULL              -- zstd
) STRICT;

-- Which thread a Message-ID belongs to, seen as one's own or as a reference.
CREATE TABLE thread_ids (
	user_id   INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	ref       BLOB NOT NULL,              -- first 16 octets of its SHA-256
	thread_id INTEGER NOT NULL,
	PRIMARY KEY (user_id, ref)
) WITHOUT ROWID, STRICT;
CREATE INDEX thread_ids_thread ON thread_ids(thread_id);

-- Every unique-id a maildrop has listed. Rows outlive their messages: they are
-- the tombstones that keep a purged message from being downloaded again.
CREATE TABLE unique_ids (
	account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
	uidl       BLOB NOT NULL,
	message_id INTEGER REFERENCES messages ON DELETE SET NULL,
	sha256     BLOB,                      -- of the octets retrieved under it; NULL: not retrieved yet
	header     BLOB,                      -- fingerprints of header and content without what servers add,
	content    BLOB,                      -- by which a message is known again
	octets     INTEGER NOT NULL,          -- size in the scan listing
	first_seen INTEGER NOT NULL,
	listed     INTEGER NOT NULL,          -- in the last complete listing
	proved     INTEGER NOT NULL,          -- in every complete listing since it was retrieved
	tries      INTEGER NOT NULL DEFAULT 0,
	tried      INTEGER NOT NULL DEFAULT 0,    -- when the last try failed
	trouble    TEXT NOT NULL DEFAULT '',  -- why it could not be retrieved
	PRIMARY KEY (account_id, uidl)
) WITHOUT ROWID, STRICT;
CREATE INDEX unique_ids_message ON unique_ids(message_id);
CREATE INDEX unique_ids_hash ON unique_ids(account_id, sha256);
CREATE INDEX unique_ids_content ON unique_ids(account_id, content);

-- The deletion ledger: what is to be, is being and was deleted on servers.
CREATE TABLE deletions (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
	uidl       BLOB NOT NULL,
	message_id INTEGER REFERENCES messages ON DELETE SET NULL,
	subject    TEXT NOT NULL,
	reason     INTEGER NOT NULL,
	state      INTEGER NOT NULL,
	requested  INTEGER NOT NULL,
	not_before INTEGER NOT NULL,          -- end of the undo window
	changed    INTEGER NOT NULL,          -- time of the last change of state
	attempts   INTEGER NOT NULL DEFAULT 0,
	reply      TEXT NOT NULL DEFAULT ''   -- the server's words, or our remark
) STRICT;
CREATE UNIQUE INDEX deletions_open ON deletions(account_id, uidl) WHERE state IN (1, 2, 3);
CREATE INDEX deletions_account ON deletions(account_id, changed);
CREATE INDEX deletions_message ON deletions(message_id);

CREATE TABLE syncs (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
	started    INTEGER NOT NULL,
	ended      INTEGER NOT NULL,
	ok         INTEGER NOT NULL,
	sentence   TEXT NOT NULL,
	retrieved  INTEGER NOT NULL,
	deleted    INTEGER NOT NULL,
	gone       INTEGER NOT NULL,
	skipped    INTEGER NOT NULL,
	octets     INTEGER NOT NULL,
	remarks    TEXT NOT NULL,             -- JSON list of sentences
	transcript BLOB NOT NULL              -- the dialogue, secrets blanked; zstd
) STRICT;
CREATE INDEX syncs_account ON syncs(account_id, id);

-- What an undo token takes back.
CREATE TABLE undos (
	token   BLOB PRIMARY KEY,             -- SHA-256 of the token
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	created INTEGER NOT NULL,
	changes TEXT NOT NULL                 -- JSON
) WITHOUT ROWID, STRICT;
CREATE INDEX undos_created ON undos(created);

-- What the index still has to take in, written in the message's own transaction.
CREATE TABLE index_queue (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	message_id INTEGER NOT NULL
) STRICT;

-- Counters, kept by triggers so that no statement can forget them.
CREATE TABLE counts (
	user_id    INTEGER NOT NULL,
	account_id INTEGER NOT NULL,          -- 0: imported
	mailbox    INTEGER NOT NULL,
	total      INTEGER NOT NULL,
	unread     INTEGER NOT NULL,
	PRIMARY KEY (user_id, account_id, mailbox)
) WITHOUT ROWID, STRICT;

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
	INSERT INTO counts VALUES (new.user_id, coalesce(new.account_id, 0), new.mailbox, 1, new.unread)
	ON CONFLICT DO UPDATE SET total = total + 1, unread = unread + excluded.unread;
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
	UPDATE counts SET total = total - 1, unread = unread - old.unread
	WHERE user_id = old.user_id AND account_id = coalesce(old.account_id, 0) AND mailbox = old.mailbox;
END;
CREATE TRIGGER messages_moved AFTER UPDATE OF mailbox, unread ON messages
WHEN old.mailbox <> new.mailbox OR old.unread <> new.unread BEGIN
	UPDATE counts SET total = total - 1, unread = unread - old.unread
	WHERE user_id = old.user_id AND account_id = coalesce(old.account_id, 0) AND mailbox = old.mailbox;
	INSERT INTO counts VALUES (new.user_id, coalesce(new.account_id, 0), new.mailbox, 1, new.unread)
	ON CONFLICT DO UPDATE SET total = total + 1, unread = unread + excluded.unread;
END;
