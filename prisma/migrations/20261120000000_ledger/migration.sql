-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "ChannelName" AS ENUM ('MEETUP', 'EVENTBRITE', 'LUMA', 'DIRECT');

-- CreateEnum
CREATE TYPE "ChannelMode" AS ENUM ('OPEN', 'WAITLIST_ONLY', 'UNKNOWN');

-- CreateEnum
CREATE TYPE "OperationOutcome" AS ENUM ('COMMITTED', 'VOIDED');

-- CreateEnum
CREATE TYPE "OrderState" AS ENUM ('PLACED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "TicketState" AS ENUM ('VALID', 'CANCELLED');

-- CreateEnum
CREATE TYPE "DeliveryState" AS ENUM ('UNMATCHED', 'FAILED', 'REPLAYED');

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('ADMIN', 'OPERATOR', 'VIEWER', 'CUSTOMER');

-- CreateTable
CREATE TABLE "events" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "venue" TEXT,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "capacity" INTEGER NOT NULL,
    "target_capacity" INTEGER NOT NULL,
    "soft_cap_ratio" DOUBLE PRECISION NOT NULL,
    "safety_stock_ratio" DOUBLE PRECISION NOT NULL,
    "direct_weight" DOUBLE PRECISION NOT NULL,
    "price_cents" INTEGER,
    "currency" TEXT,
    "max_held_per_customer" INTEGER,
    "red_alarm_since" TIMESTAMPTZ(3),
    "paused_since" TIMESTAMPTZ(3),
    "closed_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "balances" (
    "event_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "capacity" INTEGER NOT NULL DEFAULT 0,
    "unallocated" INTEGER NOT NULL DEFAULT 0,
    "allocated_meetup" INTEGER NOT NULL DEFAULT 0,
    "allocated_eventbrite" INTEGER NOT NULL DEFAULT 0,
    "allocated_luma" INTEGER NOT NULL DEFAULT 0,
    "allocated_direct" INTEGER NOT NULL DEFAULT 0,
    "in_transit" INTEGER NOT NULL DEFAULT 0,
    "safety" INTEGER NOT NULL DEFAULT 0,
    "held" INTEGER NOT NULL DEFAULT 0,
    "sold_meetup" INTEGER NOT NULL DEFAULT 0,
    "sold_eventbrite" INTEGER NOT NULL DEFAULT 0,
    "sold_luma" INTEGER NOT NULL DEFAULT 0,
    "sold_direct" INTEGER NOT NULL DEFAULT 0,
    "oversold" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "balances_pkey" PRIMARY KEY ("event_id")
);

-- CreateTable
CREATE TABLE "stock_operations" (
    "operation_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "outcome" "OperationOutcome" NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_operations_pkey" PRIMARY KEY ("operation_id")
);

-- CreateTable
CREATE TABLE "stock_movements" (
    "id" BIGSERIAL NOT NULL,
    "operation_id" TEXT NOT NULL,
    "part" SMALLINT NOT NULL,
    "event_id" TEXT NOT NULL,
    "from_account" TEXT NOT NULL,
    "to_account" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "stock_movements_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channels" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "external_event_id" TEXT NOT NULL,
    "external_ticket_class_id" TEXT,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "desired_cap" INTEGER,
    "desired_mode" "ChannelMode" NOT NULL DEFAULT 'OPEN',
    "desired_version" INTEGER NOT NULL DEFAULT 0,
    "confirmed_cap" INTEGER,
    "confirmed_mode" "ChannelMode" NOT NULL DEFAULT 'UNKNOWN',
    "confirmed_version" INTEGER NOT NULL DEFAULT 0,
    "confirmed_at" TIMESTAMPTZ(3),
    "pending_tickets" INTEGER NOT NULL DEFAULT 0,
    "unsettled_cap" INTEGER,
    "unsettled_since" TIMESTAMPTZ(3),
    "last_webhook_at" TIMESTAMPTZ(3),
    "last_pull_at" TIMESTAMPTZ(3),
    "waitlist_available" BOOLEAN,
    "trouble" TEXT,
    "listing_cursor" JSONB,
    "adopted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "external_order_id" TEXT,
    "state" "OrderState" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "buyer_name" TEXT,
    "buyer_email" TEXT,
    "version" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "placed_at" TIMESTAMPTZ(3),
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "external_ticket_id" TEXT,
    "ticket_class_id" TEXT,
    "seat" TEXT,
    "state" "TicketState" NOT NULL,
    "code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cancelled_at" TIMESTAMPTZ(3),

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_inbox" (
    "id" BIGSERIAL NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "headers" JSONB NOT NULL,
    "body" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "drained_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_inbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "state" "DeliveryState" NOT NULL,
    "reason" TEXT NOT NULL,
    "headers" JSONB NOT NULL,
    "body" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "replayed_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "event_id" TEXT,
    "platform" "ChannelName",
    "detail" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "password_hash" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "login_failures" (
    "id" BIGSERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "login_failures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "actor_id" TEXT,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stored_values" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stored_values_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "stock_operations_event_id_epoch_seq_key" ON "stock_operations"("event_id", "epoch", "seq");

-- CreateIndex
CREATE INDEX "stock_movements_event_id_id_idx" ON "stock_movements"("event_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "stock_movements_operation_id_part_key" ON "stock_movements"("operation_id", "part");

-- CreateIndex
CREATE INDEX "channels_platform_external_event_id_idx" ON "channels"("platform", "external_event_id");

-- CreateIndex
CREATE UNIQUE INDEX "channels_event_id_platform_key" ON "channels"("event_id", "platform");

-- CreateIndex
CREATE INDEX "orders_platform_external_order_id_idx" ON "orders"("platform", "external_order_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_event_id_platform_external_order_id_key" ON "orders"("event_id", "platform", "external_order_id");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_code_key" ON "tickets"("code");

-- CreateIndex
CREATE INDEX "tickets_order_id_idx" ON "tickets"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_event_id_platform_external_ticket_id_key" ON "tickets"("event_id", "platform", "external_ticket_id");

-- CreateIndex
CREATE INDEX "webhook_inbox_drained_at_id_idx" ON "webhook_inbox"("drained_at", "id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_state_id_idx" ON "webhook_deliveries"("state", "id" DESC);

-- CreateIndex
CREATE INDEX "alerts_kind_id_idx" ON "alerts"("kind", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "login_failures_email_ip_at_idx" ON "login_failures"("email", "ip", "at");

-- CreateIndex
CREATE INDEX "audit_entries_subject_id_idx" ON "audit_entries"("subject", "id" DESC);

-- AddForeignKey
ALTER TABLE "balances" ADD CONSTRAINT "balances_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_operations" ADD CONSTRAINT "stock_operations_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_movements" ADD CONSTRAINT "stock_movements_operation_id_fkey" FOREIGN KEY ("operation_id") REFERENCES "stock_operations"("operation_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channels" ADD CONSTRAINT "channels_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;



-- What the schema language cannot say ----------------------------------------------------------------------

-- No account below zero but OVERSOLD, which is a contra account; together they are the capacity.
ALTER TABLE "balances"
  ADD CONSTRAINT "balances_no_negative_account" CHECK (
    "capacity" >= 0 AND "unallocated" >= 0 AND "in_transit" >= 0 AND "safety" >= 0 AND "held" >= 0
    AND "allocated_meetup" >= 0 AND "allocated_eventbrite" >= 0 AND "allocated_luma" >= 0 AND "allocated_direct" >= 0
    AND "sold_meetup" >= 0 AND "sold_eventbrite" >= 0 AND "sold_luma" >= 0 AND "sold_direct" >= 0
    AND "oversold" <= 0),
  ADD CONSTRAINT "balances_sum_to_capacity" CHECK (
    "capacity" = "unallocated" + "in_transit" + "safety" + "held"
      + "allocated_meetup" + "allocated_eventbrite" + "allocated_luma" + "allocated_direct"
      + "sold_meetup" + "sold_eventbrite" + "sold_luma" + "sold_direct" + "oversold");

ALTER TABLE "stock_movements"
  ADD CONSTRAINT "stock_movements_moves_something" CHECK ("quantity" > 0 AND "from_account" <> "to_account");

ALTER TABLE "channels" ADD CONSTRAINT "channels_not_direct" CHECK ("platform" <> 'DIRECT');

-- One listing feeds one event. Null ticket class (the whole event) counts as a value of its own.
CREATE UNIQUE INDEX "channels_listing_key"
  ON "channels" ("platform", "external_event_id", COALESCE("external_ticket_class_id", ''));

-- The same trouble is listed once while nobody has acknowledged it.
CREATE UNIQUE INDEX "alerts_open_key" ON "alerts" ("dedupe_key") WHERE "acknowledged_at" IS NULL;

-- Append-only: nobody, owner included, edits what happened.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "stock_movements_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "stock_movements"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "stock_operations_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "stock_operations"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
REVOKE UPDATE, DELETE, TRUNCATE ON "stock_movements", "stock_operations", "audit_entries" FROM PUBLIC;
