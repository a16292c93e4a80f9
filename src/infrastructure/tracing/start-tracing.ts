import { Logger } from '@nestjs/common'
import type { Config } from '../config/config.js'
import { setTracer } from './spans.js'
import { SystemTimers } from '../time/system-time.js'
import { waitAtMost } from '../time/with-timeout.js'

const FLUSH_TIMEOUT_MS = 2_000
/** Minimum time between warnings about an unreachable collector. */
const WARN_INTERVAL_MS = 60_000

/**
 * Exports traces by OTLP over HTTP as JSON if the standard variables enable it; otherwise loads nothing. Returns a
 * function that sends the last spans and shuts down; it takes at most 2 s and never rejects.
 */
export async function startTracing({ tracing, role }: Pick<Config, 'tracing' | 'role'>): Promise<() => Promise<void>> {
  if (!tracing.on) return () => Promise.resolve()
  const { openSdk } = await import('./sdk.js')
  const reportError = throttledWarning()
  const sdk = openSdk({ 'service.name': 'traffic-police', 'traffic_police.role': role }, reportError)
  setTracer(sdk.tracer)
  return async () => {
    setTracer(null)
    await waitAtMost(FLUSH_TIMEOUT_MS, () => sdk.close().catch(reportError), new SystemTimers())
  }
}

/** The service works without traces; failed exports are logged, but not for every batch. */
function throttledWarning(): (error: unknown) => void {
  const logger = new Logger('Traces')
  let warnedAt = Number.NEGATIVE_INFINITY
  return (error) => {
    if (Date.now() - warnedAt < WARN_INTERVAL_MS) return
    warnedAt = Date.now()
    const err = error instanceof Error ? error : new Error(String(error).slice(0, 500))
    logger.warn({ err }, 'failed to export traces; their spans are lost')
  }
}
