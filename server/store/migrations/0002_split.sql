-- A unit that failed as a whole and was replaced by two halves ends in `settled` with the failure
-- 'split' and how it failed as its message. So the key refuses a second end, whichever it would be.
ALTER TABLE job ADD COLUMN splits INTEGER NOT NULL DEFAULT 0;

-- Documents that failed: what is listed and done again.
DROP INDEX settled_failed;
CREATE INDEX settled_failed ON settled (job, slice, first, count)
    WHERE failure IS NOT NULL AND failure <> 'split';
