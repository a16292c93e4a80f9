-- Authenticator apps of staff: at most one per user.
CREATE TABLE "second_factors" (
  "user_id" TEXT NOT NULL,
  "secret" BYTEA NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  "confirmed_at" TIMESTAMPTZ(3),
  "last_step" INTEGER,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "attempts_since" TIMESTAMPTZ(3),
  "recovery_codes" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],

  CONSTRAINT "second_factors_pkey" PRIMARY KEY ("user_id")
);

ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors_user_id_fkey"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
