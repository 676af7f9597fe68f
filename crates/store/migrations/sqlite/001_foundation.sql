-- Times are milliseconds since the Unix epoch. `message` columns hold JSON and come last, so that looking at the
-- other columns does not read through long texts.

CREATE TABLE inbox (
    -- AUTOINCREMENT: a number is never used again, also when the newest rows were pruned.
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    channel     TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    message_id  TEXT    NOT NULL,
    received_at BIGINT  NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- Both null until the message has ended.
    outcome     TEXT,
    finished_at BIGINT,
    -- The card on which the answer is written, if it is.
    card        TEXT,
    message     TEXT    NOT NULL,
    -- In this order because the journal looks messages up by id alone.
    UNIQUE (message_id, account, channel)
);

CREATE INDEX inbox_unfinished ON inbox (sequence) WHERE outcome IS NULL;
CREATE INDEX inbox_finished ON inbox (finished_at) WHERE outcome IS NOT NULL;

CREATE INDEX inbox_card ON inbox (card) WHERE card IS NOT NULL;

-- What people think of an answer.
CREATE TABLE rating (
    sequence    BIGINT  NOT NULL REFERENCES inbox (sequence) ON DELETE CASCADE,
    person      TEXT    NOT NULL,
    -- `good`, `bad`.
    rating      TEXT    NOT NULL,
    rated_at    BIGINT  NOT NULL,
    PRIMARY KEY (sequence, person)
) WITHOUT ROWID;

CREATE TABLE session (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    session_key TEXT    NOT NULL,
    agent       TEXT    NOT NULL,
    -- The message whose turn began the session, and how the session stands to the one before: `fresh`, `expired`.
    opened_by   BIGINT  NOT NULL,
    opening     TEXT    NOT NULL,
    opened_at   BIGINT  NOT NULL,
    used_at     BIGINT  NOT NULL,
    ended_at    BIGINT,
    -- How many entries its transcript has.
    entries     INTEGER NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX session_open ON session (session_key) WHERE ended_at IS NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE transcript (
    session  BIGINT  NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    -- From 1.
    position INTEGER NOT NULL,
    -- `user`, `assistant`.
    role     TEXT    NOT NULL,
    said_at  BIGINT  NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (session, position)
) WITHOUT ROWID; -- Keeps what belongs to a session together, so that a long history is few pages to read.

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence    BIGINT  NOT NULL REFERENCES inbox (sequence) ON DELETE CASCADE,
    created_at  BIGINT  NOT NULL,
    -- `pending`, `delivered`, `failed`.
    state       TEXT    NOT NULL DEFAULT 'pending',
    attempts    INTEGER NOT NULL DEFAULT 0,
    uncertain   INTEGER NOT NULL DEFAULT 0,
    settled_at  BIGINT,
    transport   TEXT,
    receipt_key TEXT,
    reason      TEXT,
    message     TEXT    NOT NULL
);

CREATE INDEX outbox_message ON outbox (sequence);
CREATE INDEX outbox_pending ON outbox (id) WHERE state = 'pending';
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
-- A quoted message of the bot that carries no key is found by the time at which it was delivered.
CREATE INDEX outbox_delivered ON outbox (settled_at) WHERE state = 'delivered';
CREATE INDEX outbox_receipt ON outbox (receipt_key) WHERE receipt_key IS NOT NULL;
