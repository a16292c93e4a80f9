-- A polled listing is read before its cap is raised once more.
ALTER TABLE "channels" ADD COLUMN "raised_at" TIMESTAMPTZ(3);
