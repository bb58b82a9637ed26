-- The bookkeeping of phase 2. A row of `batch` is the only trace a batch leaves beside its
-- range's checkpoint: no counter that every worker would have to queue up for, no document that
-- grows with every rewrite. Sums are taken when somebody asks.

CREATE TABLE workspace_isolation.backfill (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status       text NOT NULL DEFAULT 'running'
                 CHECK (status IN ('running', 'paused', 'succeeded', 'partially_succeeded', 'failed', 'cancelled')),
    scope        jsonb NOT NULL,               -- {tables, workspaces, resume_from, max_rows}
    tuning       jsonb NOT NULL,               -- {batch_size, workers}
    sweeps       integer NOT NULL DEFAULT 0,   -- how often rows were found that had arrived meanwhile
    leftovers    jsonb NOT NULL DEFAULT '[]',  -- what could not be bound, once it is finished
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    refreshed_at timestamptz,                  -- when the operation runs were last brought up to date
    paused_at    timestamptz,
    finished_at  timestamptz
);
-- At most one is unfinished.
CREATE UNIQUE INDEX backfill_one_unfinished ON workspace_isolation.backfill ((true)) WHERE status IN ('running', 'paused');

-- The unit of work: blocks first_block to end_block (left out) of one relation that holds rows.
-- The relation is known by its oid; a partition may be renamed or dropped meanwhile.
CREATE TABLE workspace_isolation.range (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill_id   bigint NOT NULL REFERENCES workspace_isolation.backfill ON DELETE CASCADE,
    label         text NOT NULL,               -- the table as the manifest names it
    relation      oid NOT NULL,
    schema_name   text NOT NULL,
    relation_name text NOT NULL,
    first_block   bigint NOT NULL,
    end_block     bigint NOT NULL,
    next_block    bigint NOT NULL,             -- the checkpoint: every page before it is done
    rows_per_page double precision NOT NULL,   -- unbound rows a page, as counted
    finished      boolean NOT NULL DEFAULT false,
    worker_pid    integer,                     -- the server process that holds the worker's lock
    attempt       integer NOT NULL DEFAULT 0,  -- how often it was claimed; fences a worker that lost it
    put_back_at   timestamptz,                 -- a lock was in the way
    put_backs     integer NOT NULL DEFAULT 0   -- how often in a row
) WITH (fillfactor = 50);                      -- the checkpoint's updates stay on their page
CREATE INDEX range_unfinished_index ON workspace_isolation.range (backfill_id, put_back_at NULLS FIRST, id) WHERE NOT finished;

-- How many rows were missing when it was planned: exact.
CREATE TABLE workspace_isolation.planned (
    backfill_id bigint NOT NULL REFERENCES workspace_isolation.backfill ON DELETE CASCADE,
    label       text NOT NULL,
    workspace   text NOT NULL,
    target      bigint NOT NULL,
    PRIMARY KEY (backfill_id, workspace, label)
);

-- Which row of the application's operation runs shows which workspace's part.
CREATE TABLE workspace_isolation.run (
    backfill_id bigint NOT NULL REFERENCES workspace_isolation.backfill ON DELETE CASCADE,
    workspace   text NOT NULL,
    run_id      text NOT NULL,
    PRIMARY KEY (backfill_id, workspace)
);

-- One row for each batch that committed: append-only. No range: bound by the application itself,
-- through the write guard. last_keys are JSON texts. No foreign keys: each would lock the one row
-- of the backfill again and again, for many workers at once.
CREATE TABLE workspace_isolation.batch (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill_id bigint NOT NULL,
    range_id    bigint,
    at          timestamptz NOT NULL,
    label       text NOT NULL,
    workspaces  text[] NOT NULL,
    counts      bigint[] NOT NULL,
    last_keys   text[] NOT NULL,
    rows        bigint NOT NULL
);
CREATE INDEX batch_backfill_id_index ON workspace_isolation.batch (backfill_id);

-- What --max-rows leaves, of each table and workspace.
CREATE TABLE workspace_isolation.quota (
    backfill_id bigint NOT NULL REFERENCES workspace_isolation.backfill ON DELETE CASCADE,
    label       text NOT NULL,
    workspace   text NOT NULL,
    remaining   bigint NOT NULL CHECK (remaining >= 0),
    PRIMARY KEY (backfill_id, label, workspace)
);
