-- When a mail was last attempted and not accepted. Those that were not attempted yet are queued first, so that no number of
-- others keeps them out of the queue.
ALTER TABLE "mails" ADD COLUMN "attempted_at" TIMESTAMPTZ(3);

CREATE INDEX "mails_next_idx" ON "mails" ("attempted_at" NULLS FIRST, "created_at")
  WHERE "sent_at" IS NULL AND "failed_at" IS NULL;
DROP INDEX "mails_unsent_idx";

-- For the doctor command.
CREATE INDEX "mails_failed_idx" ON "mails" ("failed_at") WHERE "failed_at" IS NOT NULL;
