-- CreateTable
CREATE TABLE "instances" (
    "id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "redis_ok" BOOLEAN NOT NULL,
    "redis_checked_at" TIMESTAMPTZ(3),
    "why" TEXT,

    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);
