-- Writes that were sent and not answered are on record in both directions, each write outdates those before it, and a
-- smaller cap that was confirmed without a count keeps the exposure before it until the platform has counted.
CREATE TYPE "ListingState" AS ENUM ('LIVE', 'CANCELLED', 'POSTPONED', 'ENDED', 'UNKNOWN');
ALTER TABLE "channels"
  ADD COLUMN "cap_unlimited" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "unsettled_mode" "ChannelMode",
  ADD COLUMN "write_seq" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "uncounted_since" TIMESTAMPTZ(3),
  ADD COLUMN "uncounted_cap" INTEGER,
  ADD COLUMN "recount_at" TIMESTAMPTZ(3),
  ADD COLUMN "recounts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "listing_state" "ListingState" NOT NULL DEFAULT 'UNKNOWN',
  ADD COLUMN "type_limits" JSONB;
