-- The proof of an event: a chain of lines, each with the hash of the line before, written together with what it records. Its end is
-- stored in the ledger's row, which every stock transaction locks. The chains of existing events start with their next transaction.

ALTER TABLE "ledgers" ADD COLUMN "proof_position" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "proof_hash" TEXT;

CREATE TABLE "proof_entries" (
    "event_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "content" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "proof_entries_pkey" PRIMARY KEY ("event_id","position")
);

ALTER TABLE "proof_entries" ADD CONSTRAINT "proof_entries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "ledgers"("event_id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "proof_entries" ADD CONSTRAINT "proof_entries_valid" CHECK ("position" > 0 AND "hash" ~ '^[0-9a-f]{64}$');
CREATE TRIGGER "proof_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "proof_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
REVOKE UPDATE, DELETE, TRUNCATE ON "proof_entries" FROM PUBLIC;
