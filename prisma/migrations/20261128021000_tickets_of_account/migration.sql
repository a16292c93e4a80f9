-- For the list of the tickets that an account has bought.
CREATE INDEX "holds_bought_idx" ON "holds" ("account_id") WHERE "order_id" IS NOT NULL;
