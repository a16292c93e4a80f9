-- CreateEnum
CREATE TYPE "Mode" AS ENUM ('NORMAL', 'FAIL_SAFE');

-- CreateEnum
CREATE TYPE "RecoveryStep" AS ENUM ('REBUILD', 'DRAIN', 'SWEEP', 'CAPS', 'REOPEN');

-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "needs_sweep_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "system_mode" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "mode" "Mode" NOT NULL DEFAULT 'NORMAL',
    "forced" BOOLEAN NOT NULL DEFAULT false,
    "reason" TEXT,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "unanswered_at" TIMESTAMPTZ(3),
    "recovery_step" "RecoveryStep",
    "round" INTEGER NOT NULL DEFAULT 0,
    "redis_identity" TEXT,
    "redis_mark" TEXT,

    CONSTRAINT "system_mode_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mode_transitions" (
    "id" BIGSERIAL NOT NULL,
    "mode" "Mode" NOT NULL,
    "forced" BOOLEAN NOT NULL,
    "cause" TEXT NOT NULL,
    "reason" TEXT,
    "actor" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mode_transitions_pkey" PRIMARY KEY ("id")
);

-- The whole system has one mode, always.
ALTER TABLE "system_mode" ADD CONSTRAINT "system_mode_one_row" CHECK ("id" = 1);
ALTER TABLE "system_mode" ADD CONSTRAINT "system_mode_forced_is_fail_safe" CHECK ("mode" = 'FAIL_SAFE' OR NOT "forced");
INSERT INTO "system_mode" ("id") VALUES (1);

CREATE TRIGGER "mode_transitions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "mode_transitions"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
