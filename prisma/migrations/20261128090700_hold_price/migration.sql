-- The price of an event can change: a hold keeps the price at which it was made. Until now all of an event had the same one.
ALTER TABLE "holds" ADD COLUMN "price_cents" INTEGER;
UPDATE "holds" SET "price_cents" = COALESCE("events"."price_cents", 0) FROM "events" WHERE "events"."id" = "holds"."event_id";
ALTER TABLE "holds" ALTER COLUMN "price_cents" SET NOT NULL,
  ADD CONSTRAINT "holds_price" CHECK ("price_cents" >= 0);

-- What was held stays what it was, its price included.
DROP TRIGGER "holds_settle_once" ON "holds";
CREATE TRIGGER "holds_settle_once" BEFORE UPDATE ON "holds" FOR EACH ROW
  WHEN (OLD.state NOT IN ('HELD', 'PAYMENT_PENDING') AND NEW.state <> OLD.state
    OR (NEW.quantity, NEW.price_cents, NEW.from_allocated, NEW.from_unallocated, NEW.from_safety)
      <> (OLD.quantity, OLD.price_cents, OLD.from_allocated, OLD.from_unallocated, OLD.from_safety))
  EXECUTE FUNCTION "refuse_second_settlement"();
