-- Whoever joins gets an entry of their own, whatever address they give: the one that stands there may be somebody else's.
-- That an address is not offered tickets twice is seen to when they are offered.
DROP INDEX "waitlist_entries_live_email_key";
CREATE INDEX "waitlist_entries_address_idx" ON "waitlist_entries" ("event_id", lower("email"));
