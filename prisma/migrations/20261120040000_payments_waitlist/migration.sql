-- CreateEnum
CREATE TYPE "WaitlistPolicy" AS ENUM ('MANUAL', 'AUTOMATIC');

-- CreateEnum
CREATE TYPE "PaymentState" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED', 'REFUND_DUE', 'REFUNDED');

-- CreateEnum
CREATE TYPE "WaitlistState" AS ENUM ('WAITING', 'OFFERED', 'CONFIRMED', 'LAPSED', 'LEFT');

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "waitlist_policy" "WaitlistPolicy" NOT NULL DEFAULT 'MANUAL';

-- AlterTable
ALTER TABLE "holds" ALTER COLUMN "account_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "payments" (
    "id" TEXT NOT NULL,
    "hold_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "state" "PaymentState" NOT NULL DEFAULT 'PENDING',
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "buyer_name" TEXT NOT NULL,
    "buyer_email" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "token" TEXT,
    "reference" TEXT,
    "reason" TEXT,
    "replacement_hold_id" TEXT,
    "due_at" TIMESTAMPTZ(3),
    "leased_until" TIMESTAMPTZ(3),
    "hints" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "stuck_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),
    "refunded_at" TIMESTAMPTZ(3),

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "waitlist_entries" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "event_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "state" "WaitlistState" NOT NULL DEFAULT 'WAITING',
    "hold_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "offered_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "waitlist_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mails" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "recipient" TEXT,
    "subject" TEXT,
    "text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "mails_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "payments_hold_id_key" ON "payments"("hold_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_reference_key" ON "payments"("reference");

-- CreateIndex
CREATE UNIQUE INDEX "payments_replacement_hold_id_key" ON "payments"("replacement_hold_id");

-- CreateIndex
CREATE INDEX "payments_state_id_idx" ON "payments"("state", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "waitlist_entries_seq_key" ON "waitlist_entries"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "waitlist_entries_hold_id_key" ON "waitlist_entries"("hold_id");

-- CreateIndex
CREATE INDEX "waitlist_entries_event_id_seq_idx" ON "waitlist_entries"("event_id", "seq");

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_hold_id_fkey" FOREIGN KEY ("hold_id") REFERENCES "holds"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_replacement_hold_id_fkey" FOREIGN KEY ("replacement_hold_id") REFERENCES "holds"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "waitlist_entries" ADD CONSTRAINT "waitlist_entries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "waitlist_entries" ADD CONSTRAINT "waitlist_entries_hold_id_fkey" FOREIGN KEY ("hold_id") REFERENCES "holds"("id") ON DELETE RESTRICT ON UPDATE CASCADE;



-- What the schema language cannot say ----------------------------------------------------------------------

ALTER TABLE "payments"
  ADD CONSTRAINT "payments_are_of_money" CHECK ("amount" > 0 AND "currency" ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT "payments_settled_unless_pending" CHECK (("state" = 'PENDING') = ("settled_at" IS NULL)),
  ADD CONSTRAINT "payments_keep_no_token" CHECK ("state" = 'PENDING' OR "token" IS NULL),
  ADD CONSTRAINT "payments_refunded_when_refunded" CHECK (("state" = 'REFUNDED') = ("refunded_at" IS NOT NULL));

-- Money is kept once or given back once: what succeeded stays so, and only a payment thought to have failed can turn
-- out to be paid.
CREATE FUNCTION "refuse_payment_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'payment % is % already', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "payments_settle_once" BEFORE UPDATE ON "payments" FOR EACH ROW
  WHEN ((OLD.state <> NEW.state AND NOT (
      OLD.state = 'PENDING' AND NEW.state IN ('SUCCEEDED', 'FAILED')
      OR OLD.state = 'FAILED' AND NEW.state IN ('SUCCEEDED', 'REFUND_DUE')
      OR OLD.state = 'REFUND_DUE' AND NEW.state = 'REFUNDED'))
    OR (NEW.hold_id, NEW.event_id, NEW.amount, NEW.currency) <> (OLD.hold_id, OLD.event_id, OLD.amount, OLD.currency)
    OR (OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference))
  EXECUTE FUNCTION "refuse_payment_change"();

CREATE INDEX "payments_due_idx" ON "payments" ("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "payments_stuck_idx" ON "payments" ("id" DESC) WHERE "stuck_since" IS NOT NULL;

ALTER TABLE "waitlist_entries"
  ADD CONSTRAINT "waitlist_entries_want_tickets" CHECK ("quantity" > 0),
  ADD CONSTRAINT "waitlist_entries_offered_a_hold" CHECK (
    ("state" <> 'WAITING' OR "hold_id" IS NULL) AND ("state" NOT IN ('OFFERED', 'CONFIRMED') OR "hold_id" IS NOT NULL));

-- One place in line per e-mail address.
CREATE UNIQUE INDEX "waitlist_entries_live_email_key" ON "waitlist_entries" ("event_id", lower("email"))
  WHERE "state" IN ('WAITING', 'OFFERED');
CREATE INDEX "waitlist_entries_waiting_idx" ON "waitlist_entries" ("event_id", "seq") WHERE "state" = 'WAITING';

ALTER TABLE "mails"
  ADD CONSTRAINT "mails_say_something" CHECK (
    "sent_at" IS NOT NULL OR "failed_at" IS NOT NULL
    OR ("recipient" IS NOT NULL AND "subject" IS NOT NULL AND "text" IS NOT NULL));
CREATE INDEX "mails_unsent_idx" ON "mails" ("created_at") WHERE "sent_at" IS NULL AND "failed_at" IS NULL;
