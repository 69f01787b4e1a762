-- What the history of actions shows of what can be undone.

ALTER TABLE undos ADD COLUMN deed TEXT NOT NULL DEFAULT '';             -- as forms name it: "delete", "label:Work"
ALTER TABLE undos ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;       -- how many
ALTER TABLE undos ADD COLUMN message_id INTEGER NOT NULL DEFAULT 0;     -- the first of them
CREATE INDEX undos_user ON undos(user_id, created);

-- How a person wants the portal to be.

ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';    -- JSON
