-- Users and accounts whose rows are on their way out, step by step.

ALTER TABLE users ADD COLUMN removed INTEGER;                           -- when; nobody sees the user any more
ALTER TABLE accounts ADD COLUMN with_mail INTEGER NOT NULL DEFAULT 0;   -- 1: it was removed, and its mail goes too
