-- The second factor of a sign-in, and accounts that came out of a backup.

ALTER TABLE users ADD COLUMN totp BLOB;                       -- sealed secret; NULL: none
ALTER TABLE users ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;  -- the last time step used: no code counts twice

-- One row for each recovery code that was not used yet.
CREATE TABLE recovery_codes (
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	hash    BLOB NOT NULL,            -- SHA-256 of the code, which is 80 random bits
	PRIMARY KEY (user_id, hash)
) WITHOUT ROWID, STRICT;

-- 1: restored from a backup; nothing is deleted on its server until a person says so.
ALTER TABLE accounts ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
