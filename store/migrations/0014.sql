-- What searches narrow by, within the indexes that lead them: a search reads an index and
-- not the rows, which are far apart. Every search without text is led by one of these, each
-- in the order of the lists; the partial ones know what few messages have.

DROP INDEX messages_all;
DROP INDEX messages_mailbox;
CREATE INDEX messages_mailbox ON messages(user_id, mailbox, received, id, account_id, unread, starred, attachments, size, server);
DROP INDEX messages_account;
CREATE INDEX messages_account ON messages(account_id, mailbox, received, id, unread, starred, attachments, size, server);
DROP INDEX messages_unread;
CREATE INDEX messages_unread ON messages(user_id, mailbox, received, id, account_id, starred, attachments, size, server) WHERE unread = 1;
DROP INDEX messages_starred;
CREATE INDEX messages_starred ON messages(user_id, mailbox, received, id, account_id, unread, attachments, size, server) WHERE starred = 1;
CREATE INDEX messages_attached ON messages(user_id, mailbox, received, id, account_id, unread, starred, size, server) WHERE attachments > 0;
CREATE INDEX messages_large ON messages(user_id, mailbox, received, id, account_id, unread, starred, attachments, size, server) WHERE size > 262144;
CREATE INDEX messages_server ON messages(user_id, mailbox, received, id, account_id, unread, starred, attachments, size, server) WHERE server > 1;

-- The same of one message, for the hits of a search by text.
CREATE INDEX messages_facts ON messages(id, user_id, mailbox, received, account_id, unread, starred, attachments, size, server);
