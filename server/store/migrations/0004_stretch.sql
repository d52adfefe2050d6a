-- Documents that were offered together and are all there: an intake that was cut off and is repeated
-- asks for them by one digest. Documents are never taken from a corpus, so a row stays true.

CREATE TABLE stretch (
    corpus INTEGER NOT NULL REFERENCES corpus (id),
    digest BLOB NOT NULL,               -- over ids and digests of the documents, in order
    docs INTEGER NOT NULL,
    PRIMARY KEY (corpus, digest)
) STRICT, WITHOUT ROWID;
