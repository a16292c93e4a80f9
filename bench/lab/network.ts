/** Platforms that work, over the internet: calls and deliveries take time, ms. */
export const NETWORK = { latencyMs: { p50: 300, p99: 3_000 }, webhookDelayMs: 1_000 } as const
/** Between two polls of a platform that sends no webhooks, ms: the default of the service. */
export const POLL_MS = 10_000
