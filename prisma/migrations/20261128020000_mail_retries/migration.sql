-- The text of a failed mail is erased. What it is about remains, so that it can be composed and sent again.
ALTER TABLE "mails" ADD COLUMN "about" TEXT, ADD COLUMN "failure" TEXT;

-- For the list of mails that were not sent.
CREATE INDEX "mails_not_sent_idx" ON "mails" ("id") WHERE "sent_at" IS NULL;
