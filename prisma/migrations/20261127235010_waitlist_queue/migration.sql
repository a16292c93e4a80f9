-- The position of an entry is the number of queued entries up to it: those that have left or bought are not read.
CREATE INDEX "waitlist_entries_queued_idx" ON "waitlist_entries" ("event_id", "seq") WHERE "state" IN ('WAITING', 'OFFERED');
