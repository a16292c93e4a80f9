-- What a listing shows besides its tickets, as last read, and the last requested change of it.
CREATE TABLE "listing_contents" (
  "channel_id" TEXT NOT NULL,
  "title" TEXT,
  "starts_at" TIMESTAMPTZ(3),
  "ends_at" TIMESTAMPTZ(3),
  "timezone" TEXT,
  "venue" TEXT,
  "read_at" TIMESTAMPTZ(3),
  "read_failure" TEXT,
  "next_read_at" TIMESTAMPTZ(3),
  "request_id" TEXT,
  "task" JSONB,
  "task_state" TEXT,
  "task_detail" TEXT,
  "task_attempts" INTEGER NOT NULL DEFAULT 0,
  "task_requested_at" TIMESTAMPTZ(3),
  "task_due_at" TIMESTAMPTZ(3),
  "task_ended_at" TIMESTAMPTZ(3),
  CONSTRAINT "listing_contents_pkey" PRIMARY KEY ("channel_id"),
  CONSTRAINT "listing_contents_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "listing_contents_task_state" CHECK ("task_state" IN ('PENDING', 'DONE', 'REFUSED', 'FAILED', 'MANUAL')),
  CONSTRAINT "listing_contents_task" CHECK (("task" IS NULL) = ("task_state" IS NULL))
);
CREATE INDEX "listing_contents_task_due_at_idx" ON "listing_contents" ("task_due_at");
