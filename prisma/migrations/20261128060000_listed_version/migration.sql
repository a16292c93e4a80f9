-- The version of the last full list of a channel's orders, where versions are the times of reading.
ALTER TABLE "channels" ADD COLUMN "listed_version" TEXT;
