-- When the last link for a new password was sent to an account.
ALTER TABLE "users" ADD COLUMN "password_reset_sent_at" TIMESTAMPTZ(3);
