-- When each channel had something to sell: the time over which its sales are measured.
-- CreateTable
CREATE TABLE "on_sale_spans" (
    "event_id" TEXT NOT NULL,
    "channel" "ChannelName" NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "on_sale_spans_pkey" PRIMARY KEY ("event_id","channel","opened_at")
);

-- AddForeignKey
ALTER TABLE "on_sale_spans" ADD CONSTRAINT "on_sale_spans_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "on_sale_spans" ADD CONSTRAINT "on_sale_spans_order" CHECK ("closed_at" >= "opened_at");
-- A channel is on sale once at a time, whichever processes note it.
CREATE UNIQUE INDEX "on_sale_spans_open" ON "on_sale_spans"("event_id", "channel") WHERE "closed_at" IS NULL;
