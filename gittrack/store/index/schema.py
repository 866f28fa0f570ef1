"""The tables of the index.

`run` is narrow and has what runs are listed and filtered by; `body` has the whole run as JSON and is
only read for the runs that are shown. Params, tags and metrics that are filtered or sorted by are rows
clustered by key: what one key has of 100,000 runs is some 5 MB in one piece. A key gets its rows from
the bodies when somebody first asks for it (see `index.lazy`), and so do all inputs and all artifacts:
making them for everything that was ever logged took longer than all the rest. NaN is stored as NULL in
a row that exists.
"""

from __future__ import annotations

VERSION = 4
"""Of the tables and of what is in them; another version is rebuilt."""

PARAM, TAG, METRIC = 0, 1, 2
"""`key.kind`."""

KINDS = {"params": PARAM, "tags": TAG, "metrics": METRIC}

ITEMS = {
    "input": (
        "CREATE INDEX input_sha256 ON input(sha256, run)",
        "CREATE INDEX input_run ON input(run)",
    ),
    "artifact": (
        "CREATE INDEX artifact_sha256 ON artifact(sha256, run)",
        "CREATE INDEX artifact_run ON artifact(run)",
    ),
}
"""Tables of what a run has many of, and their indexes."""

TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE place(
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,      -- directory of a run on the branch
    files TEXT NOT NULL      -- JSON: path in it to object id, of the files that make up the run
);
CREATE TABLE run(
    id INTEGER PRIMARY KEY,  -- of its place
    run_id TEXT NOT NULL,
    experiment TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    status TEXT NOT NULL,
    start_time INTEGER NOT NULL,
    end_time INTEGER,
    exit_code INTEGER,
    name TEXT,
    parent_id TEXT,
    user TEXT,
    host TEXT,
    branch TEXT,
    "commit" TEXT,
    snapshot TEXT,
    dirty INTEGER NOT NULL,
    note TEXT
);
CREATE TABLE body(           -- JSON, see index.document
    id INTEGER PRIMARY KEY,
    params BLOB NOT NULL,
    tags BLOB NOT NULL,
    metrics BLOB NOT NULL,
    inputs BLOB NOT NULL,
    artifacts BLOB NOT NULL,
    rest BLOB NOT NULL
);
CREATE TABLE key(
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    runs INTEGER NOT NULL,              -- how many have it
    ready INTEGER NOT NULL DEFAULT 0,   -- whether it has its rows
    UNIQUE(kind, name)
);
CREATE TABLE ready(name TEXT PRIMARY KEY) WITHOUT ROWID;  -- `input`, `artifact`: which are filled
CREATE TABLE value(              -- params and tags
    key INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number NUMERIC,
    text TEXT NOT NULL,
    PRIMARY KEY(key, run)
) WITHOUT ROWID;
CREATE TABLE metric(
    key INTEGER NOT NULL,
    run INTEGER NOT NULL,
    last REAL,
    min REAL,
    max REAL,
    count INTEGER NOT NULL,
    step INTEGER NOT NULL,
    PRIMARY KEY(key, run)
) WITHOUT ROWID;
CREATE TABLE input(
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    uri TEXT NOT NULL,
    sha256 TEXT
);
CREATE TABLE artifact(
    run INTEGER NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE TABLE problem(place INTEGER NOT NULL, text TEXT NOT NULL);
"""

# Made after the first filling, which is twice as fast that way.
INDEXES = """
CREATE UNIQUE INDEX place_path ON place(path);
CREATE INDEX run_newest ON run(start_time DESC, run_id, deleted);
CREATE INDEX run_experiment ON run(experiment, deleted, start_time DESC, run_id);
CREATE INDEX run_run_id ON run(run_id, deleted);
CREATE INDEX run_name ON run(name);
CREATE INDEX problem_place ON problem(place);
"""
