-- Orders that only a delivery has shown so far: few at any time, looked for after each read of a listing.
CREATE INDEX "orders_never_read_idx" ON "orders" ("channel_id", "seen_at", "id") WHERE "version" = '1969-12-31T00:00:00.000Z' AND "state" = 'PLACED';
