-- A channel can be paused by hand, and how long a wish takes to be confirmed can be told.
ALTER TABLE "channels" ADD COLUMN "desired_at" TIMESTAMPTZ(3), ADD COLUMN "paused_since" TIMESTAMPTZ(3);

-- What changed lately is found by an index.
ALTER TABLE "orders" ADD COLUMN "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX "orders_updated_at_idx" ON "orders"("updated_at");
