-- A certificate that a person trusts for an account's server, and what the last session's trouble asks of them.

ALTER TABLE accounts ADD COLUMN pin    BLOB;                        -- SHA-256 of the certificate; NULL: none but those that verify
ALTER TABLE accounts ADD COLUMN remedy INTEGER NOT NULL DEFAULT 0;
