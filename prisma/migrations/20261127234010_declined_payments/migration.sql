-- Payments of the last hour that were declined, which limit further ones of their buyers.
CREATE INDEX "payments_declined_idx" ON "payments" ("settled_at") WHERE "state" = 'FAILED';
