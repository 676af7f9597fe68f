-- What a turn has used of models. No reference to the inbox: it is kept longer than messages.
CREATE TABLE usage (
    -- The message.
    sequence             INTEGER PRIMARY KEY,
    used_at              BIGINT  NOT NULL,
    agent                TEXT    NOT NULL,
    person               TEXT    NOT NULL,
    -- The model that answered, as the configuration names it.
    model                TEXT    NOT NULL,
    input_tokens         BIGINT  NOT NULL,
    cached_tokens        BIGINT  NOT NULL,
    cache_written_tokens BIGINT  NOT NULL,
    output_tokens        BIGINT  NOT NULL,
    -- In billionths of the unit in which the configuration tells prices.
    cost                 BIGINT  NOT NULL,
    -- JSON: which services were asked, and what came of it.
    attempts             TEXT    NOT NULL
);

CREATE INDEX usage_agent ON usage (agent, used_at);
CREATE INDEX usage_person ON usage (person, used_at);
CREATE INDEX usage_time ON usage (used_at);
