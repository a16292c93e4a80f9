-- What the demo has created is told from real events, whatever their names are.
ALTER TABLE "events" ADD COLUMN "demo" BOOLEAN NOT NULL DEFAULT false;
UPDATE "events" SET "demo" = true
  WHERE "name" = 'Winter Meetup (demo)' AND "venue" = 'The Old Mill' AND "timezone" = 'Europe/Berlin';
