-- How an account is paced, and what is left on its server.

ALTER TABLE accounts ADD COLUMN adaptive    INTEGER NOT NULL DEFAULT 0;  -- checked more often while mail comes
ALTER TABLE accounts ADD COLUMN max_size    INTEGER NOT NULL DEFAULT 0;  -- octets of the largest message fetched unasked; 0: no limit of its own
ALTER TABLE accounts ADD COLUMN active      INTEGER NOT NULL DEFAULT 0;  -- when a session last brought mail
ALTER TABLE accounts ADD COLUMN login_after INTEGER NOT NULL DEFAULT 0;  -- the server wants no login before then (LOGIN-DELAY)
ALTER TABLE accounts ADD COLUMN refused_at  INTEGER NOT NULL DEFAULT 0;  -- the first of the wrong passwords in a row
