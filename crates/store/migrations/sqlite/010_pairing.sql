-- Who asks to be let in: one row for each person and bot, kept for a while when it has expired.
CREATE TABLE pairing_request (
    channel    TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    -- Null: refused, until it expires.
    code       TEXT,
    asked_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (channel, account, person)
) WITHOUT ROWID;

-- Who was let in.
CREATE TABLE pairing_guest (
    channel    TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    granted_at BIGINT NOT NULL,
    -- Null: an operator.
    granted_by TEXT,
    PRIMARY KEY (channel, account, person)
) WITHOUT ROWID;
