-- When a platform confirmed what a move between channels wanted of it.
-- AlterTable
ALTER TABLE "rebalance_moves" ADD COLUMN "confirmed_at" TIMESTAMPTZ(3), ADD COLUMN "wanted_cap" INTEGER;

-- What is wanted is written before the move, in the same transaction. A move ends at the channel that gets units; what
-- the direct channel gets, it has as soon as the platform that gives has let go.
CREATE FUNCTION "note_wanted_cap"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT c."desired_cap" INTO NEW."wanted_cap" FROM "channels" c
    WHERE c."event_id" = NEW."event_id"
      AND c."platform"::text = CASE NEW."to_channel" WHEN 'DIRECT' THEN NEW."from_channel" ELSE NEW."to_channel" END;
  IF NEW."to_channel" = 'DIRECT' AND NEW."from_channel" = 'UNALLOCATED' THEN
    NEW."confirmed_at" := NEW."planned_at";
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "rebalance_moves_wanted_cap" BEFORE INSERT ON "rebalance_moves"
  FOR EACH ROW EXECUTE FUNCTION "note_wanted_cap"();

-- In the very transaction that records what the platform confirmed.
CREATE FUNCTION "confirm_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "rebalance_moves" m SET "confirmed_at" = NEW."confirmed_at"
    WHERE m."event_id" = NEW."event_id" AND m."confirmed_at" IS NULL
      AND m."planned_at" BETWEEN NEW."confirmed_at" - interval '1 hour' AND NEW."confirmed_at"
      AND (m."to_channel" = NEW."platform"::text AND NEW."confirmed_cap" >= m."wanted_cap"
        OR m."to_channel" = 'DIRECT' AND m."from_channel" = NEW."platform"::text
          AND NEW."confirmed_cap" <= m."wanted_cap");
  RETURN NULL;
END $$;
CREATE TRIGGER "channels_confirm_moves" AFTER UPDATE OF "confirmed_at" ON "channels"
  FOR EACH ROW WHEN (NEW."confirmed_at" IS DISTINCT FROM OLD."confirmed_at")
  EXECUTE FUNCTION "confirm_moves"();
