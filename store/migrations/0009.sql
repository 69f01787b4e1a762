-- Messages of which only the header was fetched: too large, or tried in vain.

ALTER TABLE messages ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;     -- size is the server's word
CREATE INDEX messages_partial ON messages(account_id) WHERE partial = 1;

ALTER TABLE unique_ids ADD COLUMN outlined INTEGER NOT NULL DEFAULT 0;  -- it had a row as partial: not to be shown anew once purged
ALTER TABLE unique_ids ADD COLUMN wanted   INTEGER NOT NULL DEFAULT 0;  -- a person asked for the whole of it
