-- Closed events that have not ended yet: with the indexes on open ones, all live events are found without reading past ones.
CREATE INDEX "events_closed_start_idx" ON "events" ("starts_at") WHERE "closed_since" IS NOT NULL;
CREATE INDEX "events_closed_end_idx" ON "events" ("ends_at") WHERE "closed_since" IS NOT NULL AND "ends_at" IS NOT NULL;

-- CreateIndex
CREATE INDEX "events_updated_at_idx" ON "events"("updated_at");

CREATE INDEX "channels_not_synchronized_idx" ON "channels" ("event_id") WHERE "trouble" IS NOT NULL;
