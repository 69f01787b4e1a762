-- The list of starred mail is read, and counted, from its index alone, as the others are.

DROP INDEX messages_starred;
CREATE INDEX messages_starred ON messages(user_id, mailbox, received, id) WHERE starred = 1;
