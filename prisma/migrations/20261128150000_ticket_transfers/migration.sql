-- A direct ticket given to another person has a new code; the old one is kept, so that the door can tell why it is refused.
ALTER TABLE "tickets" ADD COLUMN "transferred_at" TIMESTAMPTZ(3);

CREATE TABLE "ticket_transfers" (
  "id" TEXT NOT NULL,
  "ticket_id" TEXT NOT NULL,
  "revoked_code" TEXT NOT NULL,
  "by_id" TEXT NOT NULL,
  "transferred_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "ticket_transfers_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "ticket_transfers_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "ticket_transfers_revoked_code_key" ON "ticket_transfers" ("revoked_code");
CREATE INDEX "ticket_transfers_ticket_id_idx" ON "ticket_transfers" ("ticket_id");
CREATE INDEX "ticket_transfers_by_id_transferred_at_idx" ON "ticket_transfers" ("by_id", "transferred_at");
-- The tickets that others have given to a person; their addresses are in lower case.
CREATE INDEX "tickets_transferred_to" ON "tickets" ("holder_email") WHERE "transferred_at" IS NOT NULL;
