-- One account on a platform. The credentials of the environment are one connection of each platform, with an id that every
-- process knows; they are never stored.
CREATE TYPE "ConnectionState" AS ENUM ('READY', 'REFUSED', 'UNREACHABLE', 'UNCHECKED');

CREATE TABLE "connections" (
  "id" TEXT NOT NULL,
  "platform" "ChannelName" NOT NULL,
  "label" TEXT NOT NULL,
  "from_environment" BOOLEAN NOT NULL,
  "credentials" BYTEA,
  "fingerprint" TEXT,
  "state" "ConnectionState" NOT NULL DEFAULT 'UNCHECKED',
  "checked_at" TIMESTAMPTZ(3),
  "detail" TEXT,
  "account_id" TEXT,
  "account_name" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "version" INTEGER NOT NULL DEFAULT 1,
  "removed_at" TIMESTAMPTZ(3),
  CONSTRAINT "connections_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "connections_platform" CHECK ("platform" <> 'DIRECT'),
  CONSTRAINT "connections_credentials" CHECK ("credentials" IS NULL OR NOT "from_environment"),
  CONSTRAINT "connections_removed" CHECK ("removed_at" IS NULL OR ("credentials" IS NULL AND NOT "from_environment"))
);

INSERT INTO "connections" ("id", "platform", "label", "from_environment") VALUES
  ('con_environment_eventbrite', 'EVENTBRITE', 'Environment', true),
  ('con_environment_luma', 'LUMA', 'Environment', true),
  ('con_environment_meetup', 'MEETUP', 'Environment', true);

-- What existed before belongs to the credentials of the environment.
ALTER TABLE "channels" ADD COLUMN "connection_id" TEXT;
UPDATE "channels" SET "connection_id" = 'con_environment_' || lower("platform"::text);
ALTER TABLE "channels" ALTER COLUMN "connection_id" SET NOT NULL;
ALTER TABLE "channels" ADD CONSTRAINT "channels_connection_id_fkey" FOREIGN KEY ("connection_id")
  REFERENCES "connections" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "channels_connection_id_idx" ON "channels" ("connection_id");

ALTER TABLE "webhook_inbox" ADD COLUMN "connection_id" TEXT;
UPDATE "webhook_inbox" SET "connection_id" = 'con_environment_' || lower("platform"::text);
ALTER TABLE "webhook_inbox" ALTER COLUMN "connection_id" SET NOT NULL;

ALTER TABLE "webhook_deliveries" ADD COLUMN "connection_id" TEXT;
UPDATE "webhook_deliveries" SET "connection_id" = 'con_environment_' || lower("platform"::text);
ALTER TABLE "webhook_deliveries" ALTER COLUMN "connection_id" SET NOT NULL;

-- What is stored by account is stored by connection.
UPDATE "stored_values" SET "key" = 'webhook-subscription:con_environment_' || lower(substring("key" FROM 22))
  WHERE "key" LIKE 'webhook-subscription:%';
UPDATE "stored_values" SET "key" = 'webhook-secret:con_environment_' || substring("key" FROM '^[a-z]+')
  WHERE "key" ~ '^[a-z]+-webhook-secret$';
