-- What the door needs of a ticket: who comes with it, what the platform's own ticket shows, and whether the platform has
-- checked it in. Names are in the order of their bytes, whatever the database sorts by.
ALTER TABLE "tickets"
  ADD COLUMN "holder_name" TEXT,
  ADD COLUMN "holder_email" TEXT,
  ADD COLUMN "holder_key" TEXT COLLATE "C" NOT NULL DEFAULT chr(1114111),
  ADD COLUMN "holder_erased_at" TIMESTAMPTZ(3),
  ADD COLUMN "ticket_type" TEXT,
  ADD COLUMN "external_code" TEXT,
  ADD COLUMN "external_checked_in_at" TIMESTAMPTZ(3);

-- Until a ticket is read again its holder is the buyer. The key is that of `nameKey`, without its special letters.
UPDATE "tickets" SET "holder_name" = o."buyer_name", "holder_email" = o."buyer_email",
  "holder_erased_at" = o."buyer_erased_at",
  "holder_key" = COALESCE(NULLIF(left(btrim(regexp_replace(lower(regexp_replace(normalize(o."buyer_name", NFKD),
    '[\u0300-\u036f''’]', '', 'g')), '[[:punct:][:space:]]+', ' ', 'g')), 300), ''), chr(1114111))
FROM "orders" o WHERE o."id" = "tickets"."order_id" AND (o."buyer_name" IS NOT NULL OR o."buyer_email" IS NOT NULL
  OR o."buyer_erased_at" IS NOT NULL);

CREATE INDEX "tickets_by_name" ON "tickets" ("event_id", "holder_key", "order_id") WHERE "state" = 'VALID';
CREATE INDEX "tickets_holder_email" ON "tickets" (lower("holder_email")) WHERE "holder_email" IS NOT NULL;
CREATE INDEX "tickets_external_code" ON "tickets" ("event_id", "external_code") WHERE "external_code" IS NOT NULL;

CREATE TABLE "check_ins" (
  "ticket_id" TEXT NOT NULL,
  "checked_in_at" TIMESTAMPTZ(3) NOT NULL,
  "user_id" TEXT NOT NULL,
  "device_id" TEXT,
  "recorded_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "check_ins_pkey" PRIMARY KEY ("ticket_id"),
  CONSTRAINT "check_ins_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
