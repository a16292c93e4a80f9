-- Locks the ledgers of those of these events that exist and that no other transaction has locked, and reads their states, in
-- one round trip. Volatile, so that the balances are those committed when the locks are held. The transaction then waits
-- hardly for any other lock either: one that is held must not delay the other events.
CREATE FUNCTION "lock_free_ledgers"("events" TEXT[])
RETURNS TABLE ("eventId" TEXT, "epoch" INTEGER, "position" INTEGER, "hash" TEXT, "lockedAt" TIMESTAMPTZ, "balances" JSONB)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  "locked" TEXT[];
BEGIN
  PERFORM set_config('lock_timeout', '200ms', true);
  "locked" := ARRAY(
    SELECT "event_id" FROM "ledgers" WHERE "event_id" = ANY("events") ORDER BY "event_id" FOR UPDATE SKIP LOCKED);
  RETURN QUERY
    SELECT l."event_id", l."epoch", l."proof_position", l."proof_hash", clock_timestamp(),
      (SELECT COALESCE(jsonb_object_agg(b."account", b."units"), '{}') FROM "balances" b WHERE b."event_id" = l."event_id")
    FROM "ledgers" l WHERE l."event_id" = ANY("locked");
END $$;
