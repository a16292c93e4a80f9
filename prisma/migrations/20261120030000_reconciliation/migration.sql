-- CreateEnum
CREATE TYPE "RunState" AS ENUM ('RUNNING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "RunTrigger" AS ENUM ('NIGHTLY', 'OPERATOR', 'CLI');

-- CreateEnum
CREATE TYPE "DriftKind" AS ENUM ('MISSING_SALE', 'MISSING_CANCELLATION', 'UNKNOWN_TICKET_CLASS', 'CAP_DRIFT', 'MODE_DRIFT', 'GATE_DRIFT', 'UNREADABLE');

-- CreateTable
CREATE TABLE "reconciliation_runs" (
    "id" TEXT NOT NULL,
    "state" "RunState" NOT NULL DEFAULT 'RUNNING',
    "trigger" "RunTrigger" NOT NULL,
    "dry_run" BOOLEAN NOT NULL,
    "event_id" TEXT,
    "requested_by" TEXT,
    "events_total" INTEGER,
    "events_done" INTEGER NOT NULL DEFAULT 0,
    "position" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "reconciliation_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reconciliation_items" (
    "id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "channel" "ChannelName",
    "kind" "DriftKind" NOT NULL,
    "external_order_id" TEXT,
    "ledger" JSONB,
    "platform" JSONB,
    "corrected" BOOLEAN NOT NULL,
    "detail" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reconciliation_items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reconciliation_staged" (
    "id" BIGSERIAL NOT NULL,
    "listing" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "snapshot" JSONB NOT NULL,

    CONSTRAINT "reconciliation_staged_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel_sweeps" (
    "channel_id" TEXT NOT NULL,
    "next_poll_at" TIMESTAMPTZ(3),
    "next_sweep_at" TIMESTAMPTZ(3) NOT NULL,
    "pause_ms" INTEGER NOT NULL,
    "untold_at" TIMESTAMPTZ(3),
    "stale_since" TIMESTAMPTZ(3),

    CONSTRAINT "channel_sweeps_pkey" PRIMARY KEY ("channel_id")
);

-- CreateIndex
CREATE INDEX "reconciliation_items_run_id_id_idx" ON "reconciliation_items"("run_id", "id");

-- CreateIndex
CREATE INDEX "reconciliation_items_event_id_id_idx" ON "reconciliation_items"("event_id", "id" DESC);

-- CreateIndex
CREATE INDEX "reconciliation_staged_listing_order_id_id_idx" ON "reconciliation_staged"("listing", "order_id", "id");

-- CreateIndex
CREATE INDEX "channel_sweeps_next_sweep_at_idx" ON "channel_sweeps"("next_sweep_at");

-- CreateIndex
CREATE INDEX "channel_sweeps_next_poll_at_idx" ON "channel_sweeps"("next_poll_at");

-- AddForeignKey
ALTER TABLE "reconciliation_items" ADD CONSTRAINT "reconciliation_items_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "reconciliation_runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_sweeps" ADD CONSTRAINT "channel_sweeps_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What the schema language cannot say ----------------------------------------------------------------------

-- One run at a time, over all processes.
CREATE UNIQUE INDEX "reconciliation_runs_one_running" ON "reconciliation_runs" ("state") WHERE "state" = 'RUNNING';

-- Read anew after a crash: nothing here is worth a write-ahead log.
ALTER TABLE "reconciliation_staged" SET UNLOGGED;
