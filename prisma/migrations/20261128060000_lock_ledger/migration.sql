-- Locks an event's ledger and reads its state, in one round trip. No row: the event has no ledger. Volatile, so that each
-- statement sees what was committed before it began: the balances are those after the wait for the lock.
CREATE FUNCTION "lock_ledger"("locked_event" TEXT)
RETURNS TABLE ("epoch" INTEGER, "position" INTEGER, "hash" TEXT, "lockedAt" TIMESTAMPTZ, "balances" JSONB)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  "ledger" "ledgers"%ROWTYPE;
BEGIN
  SELECT * INTO "ledger" FROM "ledgers" WHERE "event_id" = "locked_event" FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY
    SELECT "ledger"."epoch", "ledger"."proof_position", "ledger"."proof_hash", clock_timestamp(),
      COALESCE(jsonb_object_agg(b."account", b."units"), '{}') FROM "balances" b WHERE b."event_id" = "locked_event";
END $$;
