-- Messages that an agent sends to others while it answers: each key once for a question.
ALTER TABLE outbox ADD COLUMN sent_key TEXT;
CREATE UNIQUE INDEX outbox_sent ON outbox (sequence, sent_key) WHERE sent_key IS NOT NULL;
