-- An erased buyer is not stored again by later readings of the order.
ALTER TABLE "orders" ADD COLUMN "buyer_erased_at" TIMESTAMPTZ(3);
