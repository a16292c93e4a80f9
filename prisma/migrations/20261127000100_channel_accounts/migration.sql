-- Each account of an event's ledger is a row, and a channel's accounts are named by the channel's id, so that an event
-- may have several channels on one platform. Everything that named a channel by its platform now names it by its id.
-- Direct sales keep the name DIRECT.

-- The name that replaces `platform` in an event; unchanged where the event has no channel there.
CREATE FUNCTION pg_temp.channel_id("event" TEXT, "name" TEXT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT COALESCE((SELECT "id" FROM "channels" WHERE "event_id" = $1 AND "platform"::text = $2), $2)
$$;
CREATE FUNCTION pg_temp.account("event" TEXT, "name" TEXT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN $2 ~ '^(ALLOCATED|SOLD):'
    THEN split_part($2, ':', 1) || ':' || pg_temp.channel_id($1, split_part($2, ':', 2)) ELSE $2 END
$$;

-- Balances ----------------------------------------------------------------------------------------------------

ALTER TABLE "balances" RENAME TO "balances_before";
ALTER TABLE "balances_before" RENAME CONSTRAINT "balances_pkey" TO "balances_before_pkey";

CREATE TABLE "ledgers" (
    "event_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,

    CONSTRAINT "ledgers_pkey" PRIMARY KEY ("event_id")
);
CREATE TABLE "balances" (
    "event_id" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "units" INTEGER NOT NULL,

    CONSTRAINT "balances_pkey" PRIMARY KEY ("event_id","account")
);

-- A new epoch: operations that a gate accepted under the old account names are refused, and the gate is loaded again.
INSERT INTO "ledgers" ("event_id", "epoch") SELECT "event_id", "epoch" + 1 FROM "balances_before";
INSERT INTO "balances" ("event_id", "account", "units")
  SELECT b."event_id", pg_temp.account(b."event_id", a."name"), a."units"
  FROM "balances_before" b, LATERAL (VALUES
    ('CAPACITY', -b."capacity"), ('UNALLOCATED', b."unallocated"), ('IN_TRANSIT', b."in_transit"),
    ('SAFETY', b."safety"), ('HELD', b."held"), ('OVERSOLD', b."oversold"),
    ('ALLOCATED:MEETUP', b."allocated_meetup"), ('ALLOCATED:EVENTBRITE', b."allocated_eventbrite"),
    ('ALLOCATED:LUMA', b."allocated_luma"), ('ALLOCATED:DIRECT', b."allocated_direct"),
    ('SOLD:MEETUP', b."sold_meetup"), ('SOLD:EVENTBRITE', b."sold_eventbrite"),
    ('SOLD:LUMA', b."sold_luma"), ('SOLD:DIRECT', b."sold_direct")) AS a("name", "units")
  WHERE a."units" <> 0;
DROP TABLE "balances_before";

ALTER TABLE "ledgers" ADD CONSTRAINT "ledgers_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "balances" ADD CONSTRAINT "balances_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "ledgers"("event_id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "balances"
  -- No account below zero; the external account and the contra account never above it.
  ADD CONSTRAINT "balances_sign" CHECK (
    CASE WHEN "account" IN ('CAPACITY', 'OVERSOLD') THEN "units" <= 0 ELSE "units" >= 0 END),
  ADD CONSTRAINT "balances_account" CHECK (
    "account" IN ('CAPACITY', 'UNALLOCATED', 'IN_TRANSIT', 'SAFETY', 'HELD', 'OVERSOLD')
    OR "account" ~ '^(ALLOCATED|SOLD):.');

-- The accounts of an event sum to zero after every statement: each movement is written as a whole.
CREATE FUNCTION "check_balance_sums"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "unbalanced" TEXT;
BEGIN
  SELECT b."event_id" INTO "unbalanced" FROM "balances" b
    WHERE b."event_id" IN (SELECT "event_id" FROM "changed")
    GROUP BY b."event_id" HAVING SUM(b."units") <> 0 LIMIT 1;
  IF "unbalanced" IS NOT NULL THEN
    RAISE EXCEPTION 'the accounts of % do not sum to zero', "unbalanced" USING ERRCODE = 'check_violation', CONSTRAINT = 'balances_sum';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "balances_sum_on_insert" AFTER INSERT ON "balances" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "check_balance_sums"();
CREATE TRIGGER "balances_sum_on_update" AFTER UPDATE ON "balances" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "check_balance_sums"();
CREATE TRIGGER "balances_sum_on_delete" AFTER DELETE ON "balances" REFERENCING OLD TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "check_balance_sums"();

-- Movements: what they moved stays, the accounts get their new names.
ALTER TABLE "stock_movements" DISABLE TRIGGER "stock_movements_append_only";
UPDATE "stock_movements" m SET "from_account" = named."from_account", "to_account" = named."to_account"
  FROM (
    SELECT "event_id", "from_account" AS "from", "to_account" AS "to",
      pg_temp.account("event_id", "from_account") AS "from_account", pg_temp.account("event_id", "to_account") AS "to_account"
    FROM (SELECT DISTINCT "event_id", "from_account", "to_account" FROM "stock_movements") AS pairs
  ) AS named
  WHERE m."event_id" = named."event_id" AND m."from_account" = named."from" AND m."to_account" = named."to"
    AND (named."from" <> named."from_account" OR named."to" <> named."to_account");
ALTER TABLE "stock_movements" ENABLE TRIGGER "stock_movements_append_only";

-- Orders and tickets ------------------------------------------------------------------------------------------

ALTER TABLE "orders" ADD COLUMN "channel_id" TEXT;
UPDATE "orders" o SET "channel_id" = c."id" FROM "channels" c
  WHERE c."event_id" = o."event_id" AND c."platform" = o."platform";
ALTER TABLE "orders"
  ADD CONSTRAINT "orders_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT "orders_have_a_channel" CHECK (("platform" = 'DIRECT') = ("channel_id" IS NULL));
CREATE UNIQUE INDEX "orders_channel_id_external_order_id_key" ON "orders"("channel_id", "external_order_id");
DROP INDEX "orders_event_id_platform_external_order_id_key";

ALTER TABLE "tickets" ADD COLUMN "channel_id" TEXT;
UPDATE "tickets" t SET "channel_id" = o."channel_id" FROM "orders" o
  WHERE o."id" = t."order_id" AND o."channel_id" IS NOT NULL;
CREATE UNIQUE INDEX "tickets_channel_id_external_ticket_id_key" ON "tickets"("channel_id", "external_ticket_id");
DROP INDEX "tickets_event_id_platform_external_ticket_id_key";

-- Spans, releases and moves -----------------------------------------------------------------------------------

ALTER TABLE "on_sale_spans" RENAME COLUMN "channel" TO "channel_id";
ALTER TABLE "on_sale_spans" ALTER COLUMN "channel_id" TYPE TEXT USING "channel_id"::text;
UPDATE "on_sale_spans" SET "channel_id" = pg_temp.channel_id("event_id", "channel_id") WHERE "channel_id" <> 'DIRECT';

ALTER TABLE "safety_releases" ADD COLUMN "channel_id" TEXT;
UPDATE "safety_releases" SET "channel_id" = pg_temp.channel_id("event_id", "platform"::text);
ALTER TABLE "safety_releases" ALTER COLUMN "channel_id" SET NOT NULL;

UPDATE "rebalance_moves" SET "from_channel" = pg_temp.channel_id("event_id", "from_channel"),
  "to_channel" = pg_temp.channel_id("event_id", "to_channel");

-- As before, by id instead of platform.
CREATE OR REPLACE FUNCTION "note_wanted_cap"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT c."desired_cap" INTO NEW."wanted_cap" FROM "channels" c
    WHERE c."id" = CASE NEW."to_channel" WHEN 'DIRECT' THEN NEW."from_channel" ELSE NEW."to_channel" END;
  IF NEW."to_channel" = 'DIRECT' AND NEW."from_channel" = 'UNALLOCATED' THEN
    NEW."confirmed_at" := NEW."planned_at";
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION "confirm_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "rebalance_moves" m SET "confirmed_at" = NEW."confirmed_at"
    WHERE m."event_id" = NEW."event_id" AND m."confirmed_at" IS NULL
      AND m."planned_at" BETWEEN NEW."confirmed_at" - interval '1 hour' AND NEW."confirmed_at"
      AND (m."to_channel" = NEW."id" AND NEW."confirmed_cap" >= m."wanted_cap"
        OR m."to_channel" = 'DIRECT' AND m."from_channel" = NEW."id" AND NEW."confirmed_cap" <= m."wanted_cap");
  RETURN NULL;
END $$;

-- Several channels per platform -------------------------------------------------------------------------------

DROP INDEX "channels_event_id_platform_key";
CREATE INDEX "channels_event_id_idx" ON "channels"("event_id");
