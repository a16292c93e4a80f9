-- The organizer's limit for the cap of a channel; null: none.
ALTER TABLE "channels" ADD COLUMN "max_units" INTEGER;
ALTER TABLE "channels" ADD CONSTRAINT "channels_max_units" CHECK ("max_units" >= 0);
