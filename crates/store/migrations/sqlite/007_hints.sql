-- What people should be told when they write next: one row for each person and bot that ever had trouble.
CREATE TABLE hint (
    channel  TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    -- JSON.
    obstacle TEXT    NOT NULL,
    noted_at BIGINT  NOT NULL,
    -- Whether it was noted since the person was told the last time.
    is_news  BOOLEAN NOT NULL DEFAULT 1,
    told_at  BIGINT,
    PRIMARY KEY (channel, account, person)
) WITHOUT ROWID;
