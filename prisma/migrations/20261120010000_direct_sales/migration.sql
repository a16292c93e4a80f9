-- CreateEnum
CREATE TYPE "HoldState" AS ENUM ('HELD', 'CONFIRMED', 'EXPIRED', 'RELEASED', 'PAYMENT_PENDING', 'PAYMENT_FAILED');

-- CreateEnum
CREATE TYPE "HoldSource" AS ENUM ('DIRECT', 'SAFETY_STOCK');

-- CreateEnum
CREATE TYPE "ReleaseState" AS ENUM ('PENDING', 'APPROVED', 'REJECTED');

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "seat_count" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "holds" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "state" "HoldState" NOT NULL DEFAULT 'HELD',
    "source" "HoldSource" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "from_allocated" INTEGER NOT NULL,
    "from_unallocated" INTEGER NOT NULL,
    "from_safety" INTEGER NOT NULL,
    "seats" TEXT[],
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),
    "order_id" TEXT,
    "idempotency_key" TEXT,
    "request_hash" TEXT,

    CONSTRAINT "holds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seats" (
    "event_id" TEXT NOT NULL,
    "seat" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "seats_pkey" PRIMARY KEY ("event_id","seat")
);

-- CreateTable
CREATE TABLE "seat_claims" (
    "event_id" TEXT NOT NULL,
    "seat" TEXT NOT NULL,
    "hold_id" TEXT NOT NULL,
    "ticket_id" TEXT,

    CONSTRAINT "seat_claims_pkey" PRIMARY KEY ("event_id","seat")
);

-- CreateTable
CREATE TABLE "safety_releases" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "platform" "ChannelName" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "state" "ReleaseState" NOT NULL DEFAULT 'PENDING',
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "safety_releases_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "holds_order_id_key" ON "holds"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "holds_event_id_account_id_idempotency_key_key" ON "holds"("event_id", "account_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "seat_claims_ticket_id_key" ON "seat_claims"("ticket_id");

-- CreateIndex
CREATE INDEX "seat_claims_hold_id_idx" ON "seat_claims"("hold_id");

-- CreateIndex
CREATE INDEX "safety_releases_state_id_idx" ON "safety_releases"("state", "id" DESC);

-- AddForeignKey
ALTER TABLE "holds" ADD CONSTRAINT "holds_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "holds" ADD CONSTRAINT "holds_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "holds" ADD CONSTRAINT "holds_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seats" ADD CONSTRAINT "seats_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seat_claims" ADD CONSTRAINT "seat_claims_event_id_seat_fkey" FOREIGN KEY ("event_id", "seat") REFERENCES "seats"("event_id", "seat") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seat_claims" ADD CONSTRAINT "seat_claims_hold_id_fkey" FOREIGN KEY ("hold_id") REFERENCES "holds"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seat_claims" ADD CONSTRAINT "seat_claims_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safety_releases" ADD CONSTRAINT "safety_releases_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- What the schema language cannot say ----------------------------------------------------------------------

ALTER TABLE "holds"
  ADD CONSTRAINT "holds_know_their_origin" CHECK (
    "quantity" > 0 AND "from_allocated" >= 0 AND "from_unallocated" >= 0 AND "from_safety" >= 0
    AND "quantity" = "from_allocated" + "from_unallocated" + "from_safety"),
  ADD CONSTRAINT "holds_name_all_seats_or_none" CHECK (cardinality("seats") IN (0, "quantity")),
  ADD CONSTRAINT "holds_settled_when_final" CHECK (
    ("state" IN ('HELD', 'PAYMENT_PENDING')) = ("settled_at" IS NULL)),
  ADD CONSTRAINT "holds_confirmed_by_an_order" CHECK (("state" = 'CONFIRMED') = ("order_id" IS NOT NULL));

-- A hold resolves once: no final state is ever left, and what was held stays what it was.
CREATE FUNCTION "refuse_second_settlement"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'hold % is % already', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "holds_settle_once" BEFORE UPDATE ON "holds" FOR EACH ROW
  WHEN (OLD.state NOT IN ('HELD', 'PAYMENT_PENDING') AND NEW.state <> OLD.state
    OR (NEW.quantity, NEW.from_allocated, NEW.from_unallocated, NEW.from_safety)
      <> (OLD.quantity, OLD.from_allocated, OLD.from_unallocated, OLD.from_safety))
  EXECUTE FUNCTION "refuse_second_settlement"();

-- Live holds: by expiry for the sweep, by buyer for the personal limit.
CREATE INDEX "holds_due_idx" ON "holds" ("expires_at") WHERE "state" = 'HELD';
CREATE INDEX "holds_live_idx" ON "holds" ("event_id", "account_id") WHERE "state" IN ('HELD', 'PAYMENT_PENDING');

-- A seat has at most one live ticket, whoever sold it.
CREATE UNIQUE INDEX "tickets_live_seat_key" ON "tickets" ("event_id", "seat")
  WHERE "seat" IS NOT NULL AND "state" = 'VALID';

ALTER TABLE "safety_releases"
  ADD CONSTRAINT "safety_releases_to_a_platform" CHECK ("platform" <> 'DIRECT' AND "quantity" > 0),
  ADD CONSTRAINT "safety_releases_decided_by_another" CHECK (
    ("state" = 'PENDING') = ("decided_by" IS NULL) AND ("decided_by" IS NULL) = ("decided_at" IS NULL)
    AND "decided_by" IS DISTINCT FROM "requested_by");
