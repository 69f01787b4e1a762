-- Until when deletions may be being carried out on the account's server.

ALTER TABLE accounts ADD COLUMN quitting INTEGER NOT NULL DEFAULT 0;
