-- The inbox is emptied when its deliveries are queued.
UPDATE "webhook_inbox" SET "headers" = '{}', "body" = '' WHERE "drained_at" IS NOT NULL;
