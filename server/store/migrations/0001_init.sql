-- Times in *_ms are logical server time, times in *_unix are seconds since 1970 UTC.
-- Digests and host ids are 32 bytes. Forward only: never edit a file that was released.

CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    term INTEGER NOT NULL,
    clock_ms INTEGER NOT NULL,
    last_grant INTEGER NOT NULL,
    last_job INTEGER NOT NULL
) STRICT;
INSERT INTO server VALUES (1, random() & 9223372036854775807, 0, 0, 0, 0);

CREATE TABLE corpus (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    slice_bytes INTEGER NOT NULL,
    digest BLOB,                        -- NULL while an intake is not complete
    adds INTEGER NOT NULL,              -- the number of the last intake
    documents INTEGER NOT NULL DEFAULT 0,
    slices INTEGER NOT NULL DEFAULT 0,
    raw_bytes INTEGER NOT NULL DEFAULT 0,
    packed_bytes INTEGER NOT NULL DEFAULT 0,
    set_aside INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE slice (
    corpus INTEGER NOT NULL REFERENCES corpus (id),
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,               -- of the payload
    pack BLOB NOT NULL,                 -- digest of the object that holds it
    offset_bytes INTEGER NOT NULL,
    len_bytes INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL,
    docs INTEGER NOT NULL,
    PRIMARY KEY (corpus, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX slice_digest ON slice (digest);
CREATE INDEX slice_pack ON slice (pack);

CREATE TABLE document (
    corpus INTEGER NOT NULL REFERENCES corpus (id),
    id TEXT NOT NULL,
    digest BLOB NOT NULL,
    slice INTEGER NOT NULL,
    position INTEGER NOT NULL,          -- in the slice
    source TEXT NOT NULL,
    added INTEGER NOT NULL,             -- number of the intake that brought it
    PRIMARY KEY (corpus, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_slice ON document (corpus, slice, position);

CREATE TABLE aside (
    id INTEGER PRIMARY KEY,
    corpus INTEGER NOT NULL REFERENCES corpus (id),
    added INTEGER NOT NULL,
    source TEXT NOT NULL,
    position TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX aside_corpus ON aside (corpus, added, id);

CREATE TABLE artefact (
    digest BLOB PRIMARY KEY,
    len_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    app TEXT NOT NULL,
    data BLOB REFERENCES artefact (digest),
    corpus INTEGER NOT NULL REFERENCES corpus (id),
    submitted_unix INTEGER NOT NULL,
    done_unix INTEGER,
    copies INTEGER NOT NULL,
    own_copies INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    slices INTEGER NOT NULL,
    next_slice INTEGER NOT NULL,
    merged INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;
CREATE INDEX job_digest ON job (digest);
CREATE INDEX job_corpus ON job (corpus);

CREATE TABLE job_param (
    job INTEGER NOT NULL REFERENCES job (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_table (
    job INTEGER NOT NULL REFERENCES job (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,                 -- for the app
    sql_name TEXT NOT NULL,
    columns TEXT NOT NULL,              -- names, separated by commas
    generation INTEGER NOT NULL,        -- of a derived table: which finish step wrote it
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;

-- Queue tables name jobs and hosts without foreign keys: each row would cost a look-up.
CREATE TABLE grant_open (
    id INTEGER PRIMARY KEY,
    host BLOB NOT NULL,
    account INTEGER NOT NULL,
    standing TEXT NOT NULL,
    job INTEGER NOT NULL,
    units BLOB NOT NULL,                -- slice, first, count: little-endian u32 each
    ended INTEGER NOT NULL DEFAULT 0    -- bit i: lease i has ended
) STRICT;
CREATE INDEX grant_job ON grant_open (job);

CREATE TABLE unit (
    job INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    expiries INTEGER NOT NULL,
    PRIMARY KEY (job, slice, first, count)
) STRICT, WITHOUT ROWID;

CREATE TABLE result (
    job INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    host BLOB NOT NULL,
    account INTEGER NOT NULL,
    standing TEXT NOT NULL,
    digest BLOB,                        -- of the records, or
    failure TEXT,                       -- the class of the failure
    packed BLOB,                        -- small results
    object BLOB,                        -- digest of the object that holds a larger one
    raw_bytes INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (job, slice, first, count, host),
    CHECK ((digest IS NULL) <> (failure IS NULL))
) STRICT;
CREATE INDEX result_object ON result (object) WHERE object IS NOT NULL;

CREATE TABLE settled (
    job INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    digest BLOB,                        -- of the merged records, or
    failure TEXT,                       -- why it was given up
    host BLOB,                          -- whose result settled it, if one did
    message TEXT,                       -- of a failure
    PRIMARY KEY (job, slice, first, count), -- a unit is merged exactly once
    CHECK ((digest IS NULL) <> (failure IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX settled_failed ON settled (job, slice, first, count) WHERE failure IS NOT NULL;

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO account VALUES (0, 'operator');

CREATE TABLE host (
    id BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,
    banned INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    merged INTEGER NOT NULL DEFAULT 0,
    joined_unix INTEGER NOT NULL,
    seen_unix INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invite (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token BLOB NOT NULL UNIQUE,         -- digest of the secret
    role TEXT NOT NULL,
    account TEXT,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    expires_unix INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE invite_use (
    invite INTEGER NOT NULL REFERENCES invite (id),
    host BLOB NOT NULL REFERENCES host (id),
    PRIMARY KEY (invite, host)
) STRICT, WITHOUT ROWID;
