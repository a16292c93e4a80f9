-- Events end ------------------------------------------------------------------------------------------------

ALTER TABLE "events" ADD COLUMN "ends_at" TIMESTAMPTZ(3), ADD COLUMN "sales_end_at" TIMESTAMPTZ(3);

-- Every loop asks for the events that are not over: their number is what counts, not that of all events ever.
CREATE INDEX "events_open_start_idx" ON "events" ("starts_at") WHERE "closed_since" IS NULL;
CREATE INDEX "events_open_end_idx" ON "events" ("ends_at") WHERE "closed_since" IS NULL AND "ends_at" IS NOT NULL;
CREATE INDEX "events_closed_idx" ON "events" ("closed_since") WHERE "closed_since" IS NOT NULL;

-- Listings are claimed under an advisory lock: a closed or ended event frees its own, and a whole listing and one of its
-- ticket types overlap, neither of which a unique index can say.
ALTER TABLE "channels"
  ADD COLUMN "detached_at" TIMESTAMPTZ(3),
  ADD COLUMN "last_failure" TEXT,
  ADD COLUMN "last_failure_at" TIMESTAMPTZ(3);
DROP INDEX "channels_listing_key";

-- A listing is judged by the reads that were asked for and not answered, not by the age of the last one.
ALTER TABLE "channel_sweeps"
  DROP COLUMN "stale_since",
  ADD COLUMN "poll_ms" INTEGER,
  ADD COLUMN "asked_at" TIMESTAMPTZ(3),
  ADD COLUMN "read_failure" TEXT,
  ADD COLUMN "read_failed_at" TIMESTAMPTZ(3);

-- Alerts last as long as their problem ----------------------------------------------------------------------

ALTER TABLE "alerts"
  ADD COLUMN "about" TEXT,
  ADD COLUMN "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "resolved_at" TIMESTAMPTZ(3);
-- What was acknowledged was over by the rule that held until now; a problem that lasts is raised again.
UPDATE "alerts" SET "last_seen_at" = "created_at", "resolved_at" = "acknowledged_at";
-- The key is made of kind, event, platform and, last, what it is about.
UPDATE "alerts" SET "about" = NULLIF(substring("dedupe_key" FROM '^[^/]*/[^/]*/[^/]*/(.*)$'), '');
DROP INDEX "alerts_open_key";
CREATE UNIQUE INDEX "alerts_lasting_key" ON "alerts" ("dedupe_key") WHERE "resolved_at" IS NULL;
