-- An entry gets no hold before its address is verified. Those made before are taken as verified: they were sent no link.
ALTER TABLE "waitlist_entries" ADD COLUMN "verified_at" TIMESTAMPTZ(3);
UPDATE "waitlist_entries" SET "verified_at" = "created_at";

-- Staff reorder entries: one statement exchanges their places, which is checked at its end.
DROP INDEX "waitlist_entries_seq_key";
ALTER TABLE "waitlist_entries" ADD CONSTRAINT "waitlist_entries_seq_key" UNIQUE ("seq") DEFERRABLE INITIALLY IMMEDIATE;

-- Tickets are offered to the waitlist only while they are not on general sale.
ALTER TABLE "ledgers" ADD COLUMN "sold_out_since" TIMESTAMPTZ(3);
UPDATE "ledgers" SET "sold_out_since" = now() WHERE NOT EXISTS (
  SELECT 1 FROM "balances" b WHERE b."event_id" = "ledgers"."event_id" AND b."units" > 0
    AND (b."account" LIKE 'ALLOCATED:%' OR b."account" IN ('UNALLOCATED', 'IN_TRANSIT')));
