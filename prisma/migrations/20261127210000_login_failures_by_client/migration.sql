-- Failures are also counted per client, over all accounts.
CREATE INDEX "login_failures_ip_at_idx" ON "login_failures"("ip", "at");
