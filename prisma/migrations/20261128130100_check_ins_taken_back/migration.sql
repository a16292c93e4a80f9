-- A check-in on a platform that an operator took back here: it does not count until the platform reports another one.
ALTER TABLE "tickets" ADD COLUMN "ignored_check_in_at" TIMESTAMPTZ(3);
