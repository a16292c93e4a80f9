-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "version" TEXT;

-- CreateTable
CREATE TABLE "quarantined_records" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "external_order_id" TEXT,
    "reason" TEXT NOT NULL,
    "excerpt" TEXT,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "quarantined_records_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "quarantined_records_resolved_at_id_idx" ON "quarantined_records"("resolved_at", "id" DESC);

-- CreateIndex
CREATE INDEX "orders_event_id_seen_at_idx" ON "orders"("event_id", "seen_at");



-- What the schema language cannot say ----------------------------------------------------------------------

-- An order, or a row that names none, is quarantined once while it cannot be stored.
CREATE UNIQUE INDEX "quarantined_records_open_key"
  ON "quarantined_records" ("channel_id", (COALESCE("external_order_id", '')), (CASE WHEN "external_order_id" IS NULL THEN "reason" ELSE '' END))
  WHERE "resolved_at" IS NULL;

-- Few movements touch these accounts, and they are asked for under the event's lock.
CREATE INDEX "stock_movements_safety_idx" ON "stock_movements" ("event_id", "id") WHERE "from_account" = 'SAFETY' OR "to_account" = 'SAFETY';
CREATE INDEX "stock_movements_oversold_idx" ON "stock_movements" ("event_id", "id") WHERE "from_account" = 'OVERSOLD' OR "to_account" = 'OVERSOLD';
