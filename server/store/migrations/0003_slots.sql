-- Which of its unit's copies each lease is, one byte each, in the order of the units: two leases of
-- one copy fill one slot. In rows from before no copy was leased twice; a missing byte is 0.
ALTER TABLE grant_open ADD COLUMN slots BLOB NOT NULL DEFAULT x'';

-- A priority is a weight now, at least 1.
UPDATE job SET priority = max(1, min(priority, 100));
