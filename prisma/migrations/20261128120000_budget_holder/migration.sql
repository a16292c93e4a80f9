-- The process that has, or had last, the whole limits of the platforms since fail-safe mode began.
ALTER TABLE "system_mode" ADD COLUMN "budget_holder" TEXT;
