-- What agents have asked people: approvals and questions. They go with their message.
CREATE TABLE inquiry (
    -- What people type.
    id          TEXT    PRIMARY KEY,
    sequence    BIGINT  NOT NULL REFERENCES inbox (sequence) ON DELETE CASCADE,
    -- From 1 for each message.
    ordinal     INTEGER NOT NULL,
    -- JSON: how it ended. Null until then; set once.
    outcome     TEXT,
    -- When an approval was used up. Set once.
    used_at     BIGINT,
    -- JSON: everything that was known when it was asked.
    inquiry     TEXT    NOT NULL,
    UNIQUE (sequence, ordinal)
) WITHOUT ROWID;

CREATE INDEX inquiry_pending ON inquiry (sequence, ordinal) WHERE outcome IS NULL;

-- The cards that it is shown on.
CREATE TABLE inquiry_card (
    card        TEXT    PRIMARY KEY,
    inquiry     TEXT    NOT NULL REFERENCES inquiry (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX inquiry_card_inquiry ON inquiry_card (inquiry);
