-- What a customer holds and has bought, for the personal limit, and what is being paid, for the soft cap.
CREATE INDEX "holds_of_customer_idx" ON "holds" ("event_id", "account_id")
  WHERE "state" IN ('HELD', 'PAYMENT_PENDING', 'CONFIRMED');
CREATE INDEX "holds_being_paid_idx" ON "holds" ("event_id") WHERE "state" = 'PAYMENT_PENDING';
DROP INDEX "holds_live_idx";

-- When a customer proved that the e-mail address is theirs, and when the last mail for it was sent.
ALTER TABLE "users"
  ADD COLUMN "email_verified_at" TIMESTAMPTZ(3),
  ADD COLUMN "verification_sent_at" TIMESTAMPTZ(3);

-- The sum of an event's movements up to one of them. Movements are only appended, under the event's lock, so that the ids
-- of an event grow in the order of their commits: a stored sum never changes, and a rebuild adds the later ones to it.
CREATE TABLE "ledger_checkpoints" (
  "event_id" TEXT NOT NULL,
  "movement_id" BIGINT NOT NULL,
  "units" JSONB NOT NULL,
  CONSTRAINT "ledger_checkpoints_pkey" PRIMARY KEY ("event_id"),
  CONSTRAINT "ledger_checkpoints_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "ledgers" ("event_id")
    ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Sums of these are taken under the event's lock; holds, of which there may be millions, do not touch these accounts.
CREATE INDEX "stock_movements_from_special_idx" ON "stock_movements" ("event_id", "from_account")
  WHERE "from_account" IN ('SAFETY', 'OVERSOLD');
CREATE INDEX "stock_movements_to_special_idx" ON "stock_movements" ("event_id", "to_account")
  WHERE "to_account" IN ('SAFETY', 'OVERSOLD');
