-- What comes is looked for, by hash and content, among what the server has given up. An index of that alone spares
-- each message that comes two pages of the log: such keys lie anywhere in an index, each on a page of its own.

DROP INDEX unique_ids_hash;
CREATE INDEX unique_ids_hash ON unique_ids(account_id, sha256) WHERE listed = 0 AND message_id IS NULL;
DROP INDEX unique_ids_content;
CREATE INDEX unique_ids_content ON unique_ids(account_id, content) WHERE listed = 0;
