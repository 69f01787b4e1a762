-- Who asked for a deletion.

ALTER TABLE deletions ADD COLUMN asked_by INTEGER REFERENCES users ON DELETE SET NULL;   -- NULL: the account's rule
UPDATE deletions SET asked_by = (SELECT user_id FROM accounts WHERE id = account_id) WHERE reason NOT IN (2, 3);
