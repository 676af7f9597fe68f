-- How many calls a platform was asked for. Small: some ten rows for each bot and day.
CREATE TABLE ledger (
    organisation TEXT    NOT NULL,
    -- As the channel numbers days.
    day          BIGINT  NOT NULL,
    account      TEXT    NOT NULL,
    api          TEXT    NOT NULL,
    calls        BIGINT  NOT NULL,
    PRIMARY KEY (organisation, day, account, api)
) WITHOUT ROWID;
