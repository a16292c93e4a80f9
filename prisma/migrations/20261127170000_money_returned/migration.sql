-- What went back to a buyer by the provider's account, and the authentication of a payment (3-D Secure).
CREATE TYPE "RefundState" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED');
CREATE TYPE "DisputeState" AS ENUM ('OPEN', 'WON', 'LOST');

ALTER TABLE "payments"
  ADD COLUMN "client_secret" TEXT,
  ADD COLUMN "refunded_amount" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "refund_state" "RefundState",
  ADD COLUMN "refund_failure" TEXT,
  ADD COLUMN "dispute_state" "DisputeState",
  ADD COLUMN "disputed_at" TIMESTAMPTZ(3),
  ADD COLUMN "recheck" BOOLEAN NOT NULL DEFAULT false;

UPDATE "payments" SET "refunded_amount" = "amount", "refund_state" = 'SUCCEEDED' WHERE "state" = 'REFUNDED';
-- A pending payment ends by itself now: those that were stuck are processed again.
UPDATE "payments" SET "due_at" = now(), "attempts" = 0, "stuck_since" = NULL WHERE "state" = 'PENDING' AND "due_at" IS NULL;

ALTER TABLE "payments"
  ADD CONSTRAINT "payments_keep_no_client_secret" CHECK ("state" = 'PENDING' OR "client_secret" IS NULL),
  ADD CONSTRAINT "payments_refunded_at_most_once" CHECK ("refunded_amount" BETWEEN 0 AND "amount"),
  ADD CONSTRAINT "payments_disputed_since" CHECK (("dispute_state" IS NULL) = ("disputed_at" IS NULL));

-- As before, and: what succeeded may be refunded, by us or at the provider, and a refund may turn out to have failed.
DROP TRIGGER "payments_settle_once" ON "payments";
CREATE TRIGGER "payments_settle_once" BEFORE UPDATE ON "payments" FOR EACH ROW
  WHEN ((OLD.state <> NEW.state AND NOT (
      OLD.state = 'PENDING' AND NEW.state IN ('SUCCEEDED', 'FAILED')
      OR OLD.state = 'FAILED' AND NEW.state IN ('SUCCEEDED', 'REFUND_DUE')
      OR OLD.state = 'SUCCEEDED' AND NEW.state IN ('REFUND_DUE', 'REFUNDED')
      OR OLD.state = 'REFUND_DUE' AND NEW.state = 'REFUNDED'
      OR OLD.state = 'REFUNDED' AND NEW.state = 'REFUND_DUE'))
    OR (NEW.hold_id, NEW.event_id, NEW.amount, NEW.currency) <> (OLD.hold_id, OLD.event_id, OLD.amount, OLD.currency)
    OR (OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference))
  EXECUTE FUNCTION "refuse_payment_change"();
