-- The ledger keeps its rows: without this, a session of an account that has deleted ten thousand messages would look
-- at all of them for each message that the server lists.
CREATE INDEX deletions_uidl ON deletions(account_id, uidl);
