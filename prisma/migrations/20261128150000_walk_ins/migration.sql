-- People who were let in at the door without a ticket. What was sold to them is an order of its own.
CREATE TYPE "WalkInSource" AS ENUM ('COUNT', 'SAFETY');

CREATE TABLE "walk_ins" (
  "id" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "source" "WalkInSource" NOT NULL,
  "quantity" INTEGER NOT NULL CHECK ("quantity" > 0),
  "at" TIMESTAMPTZ(3) NOT NULL,
  "order_id" TEXT,
  "user_id" TEXT NOT NULL,
  "device_id" TEXT,
  "recorded_at" TIMESTAMPTZ(3) NOT NULL,
  "idempotency_key" TEXT,
  "request_hash" TEXT NOT NULL,
  "taken_back_at" TIMESTAMPTZ(3),
  CONSTRAINT "walk_ins_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "walk_ins_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "walk_ins_event_id_user_id_idempotency_key_key" ON "walk_ins" ("event_id", "user_id", "idempotency_key");
