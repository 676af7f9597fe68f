-- What is asked at set times. `job` holds the job as JSON; `next_at` is what counts, not what stands in it.
CREATE TABLE cron_job (
    id         TEXT    PRIMARY KEY,
    -- Null: an operator.
    author     TEXT,
    -- Null when it is switched off or over.
    next_at    BIGINT,
    -- Forgotten when its answer has arrived.
    once       INTEGER NOT NULL,
    created_at BIGINT  NOT NULL,
    job        TEXT    NOT NULL
);

CREATE INDEX cron_job_due ON cron_job (next_at) WHERE next_at IS NOT NULL;

-- Runs: what became of them stands with their messages.
CREATE TABLE cron_run (
    message_id TEXT    PRIMARY KEY,
    job        TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    due_at     BIGINT  NOT NULL,
    started_at BIGINT  NOT NULL
);

CREATE INDEX cron_run_job ON cron_run (job, started_at);
CREATE INDEX cron_run_started ON cron_run (started_at);
