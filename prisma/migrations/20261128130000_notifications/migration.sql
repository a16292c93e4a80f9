-- Notifications: targets, their outbox, and what was notified about an event once.
CREATE TABLE "notification_targets" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "shown_target" TEXT NOT NULL,
    "events" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "busy_until" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "last_success_at" TIMESTAMPTZ(3),
    "last_error_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "notification_targets_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_messages" (
    "id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "cause" TEXT,
    "alert_ids" TEXT[],
    "content" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "notification_messages_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "notification_messages" ADD CONSTRAINT "notification_messages_target_id_fkey"
  FOREIGN KEY ("target_id") REFERENCES "notification_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- What has ended has one outcome.
ALTER TABLE "notification_messages" ADD CONSTRAINT "notification_messages_outcome" CHECK ("sent_at" IS NULL OR "failed_at" IS NULL);
CREATE INDEX "notification_messages_target_id_created_at_idx" ON "notification_messages"("target_id", "created_at");
CREATE INDEX "notification_messages_target_id_sent_at_idx" ON "notification_messages"("target_id", "sent_at");
CREATE INDEX "notification_messages_alert_ids_idx" ON "notification_messages" USING GIN ("alert_ids");
-- The sender reads unsent messages only, every second.
CREATE INDEX "notification_messages_unsent" ON "notification_messages"("target_id", "due_at", "id")
  WHERE "sent_at" IS NULL AND "failed_at" IS NULL;

CREATE TABLE "event_notices" (
    "event_id" TEXT NOT NULL,
    "notice" TEXT NOT NULL,
    "sold" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_notices_pkey" PRIMARY KEY ("event_id", "notice")
);
ALTER TABLE "event_notices" ADD CONSTRAINT "event_notices_event_id_fkey"
  FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "alert_changes" (
    "id" BIGSERIAL NOT NULL,
    "alert_id" TEXT NOT NULL,
    "change" TEXT NOT NULL,

    CONSTRAINT "alert_changes_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_alert_id_fkey"
  FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_change" CHECK ("change" IN ('RAISED', 'RESOLVED'));
CREATE INDEX "alert_changes_alert_id_idx" ON "alert_changes"("alert_id");

-- Committed with the alert, by whatever wrote it: no notification is lost between the two.
CREATE FUNCTION "record_alert_change"() RETURNS trigger AS $$
BEGIN
  INSERT INTO "alert_changes" ("alert_id", "change")
  VALUES (NEW."id", CASE WHEN TG_OP = 'INSERT' THEN 'RAISED' ELSE 'RESOLVED' END);
  RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER "alerts_raised" AFTER INSERT ON "alerts"
  FOR EACH ROW WHEN (NEW."resolved_at" IS NULL) EXECUTE FUNCTION "record_alert_change"();
CREATE TRIGGER "alerts_resolved" AFTER UPDATE OF "resolved_at" ON "alerts"
  FOR EACH ROW WHEN (OLD."resolved_at" IS NULL AND NEW."resolved_at" IS NOT NULL) EXECUTE FUNCTION "record_alert_change"();
