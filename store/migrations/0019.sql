-- Messages that are added are counted by the one function that adds them: an INSERT that fires a trigger may fail
-- half-way, and so SQLite keeps a copy of every page that it changes.
DROP TRIGGER messages_inserted;
