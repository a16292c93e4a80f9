-- Units freed from the safety stock that no platform gets without a release.
ALTER TABLE "events" ADD COLUMN "withheld_units" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "events" ADD CONSTRAINT "events_withheld_units" CHECK ("withheld_units" >= 0);
