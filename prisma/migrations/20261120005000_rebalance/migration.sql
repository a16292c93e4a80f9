-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "platform_sold" INTEGER;

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "frozen_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "rebalance_moves" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "from_channel" TEXT NOT NULL,
    "to_channel" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "planned_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rebalance_moves_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "rebalance_moves_event_id_planned_at_idx" ON "rebalance_moves"("event_id", "planned_at");

-- AddForeignKey
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
