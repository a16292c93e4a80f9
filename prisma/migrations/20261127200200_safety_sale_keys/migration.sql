-- Idempotency keys of sales from the safety stock.
CREATE TABLE "safety_sale_keys" (
    "event_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "safety_sale_keys_pkey" PRIMARY KEY ("event_id", "user_id", "idempotency_key")
);
