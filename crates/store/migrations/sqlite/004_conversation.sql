-- What a session is known by besides its key, what it has cost, and what stands for its beginning.
ALTER TABLE session ADD COLUMN origin TEXT;
ALTER TABLE session ADD COLUMN input_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN output_tokens BIGINT NOT NULL DEFAULT 0;
-- A summary of the first `summarised` entries. The transcript keeps them.
ALTER TABLE session ADD COLUMN summarised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN summary TEXT;

-- What people have set for a session by commands, as JSON; it outlives the session.
CREATE TABLE preference (
    session_key TEXT NOT NULL PRIMARY KEY,
    set_to      TEXT NOT NULL
) WITHOUT ROWID;

-- Chats that have the session of an alias.
CREATE TABLE session_alias (
    channel      TEXT NOT NULL,
    account      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    alias        TEXT NOT NULL,
    PRIMARY KEY (channel, account, conversation)
) WITHOUT ROWID;
