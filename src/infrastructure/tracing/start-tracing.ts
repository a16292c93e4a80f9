import { Logger } from '@nestjs/common'
import type { Config } from '../config/config.js'
import { recordWith } from './spans.js'

const FLUSH_WITHIN_MS = 2_000
/** A collector that is away is complained of this seldom. */
const COMPLAIN_EVERY_MS = 60_000

/**
 * Traces by OTLP, over HTTP as JSON, when the standard variables ask for them; else nothing is loaded. Answers what
 * sends the last spans and ends it; that takes 2 s at most and never fails.
 */
export async function startTracing({ tracing, role }: Pick<Config, 'tracing' | 'role'>): Promise<() => Promise<void>> {
  if (!tracing.on) return () => Promise.resolve()
  const { openSdk } = await import('./sdk.js')
  const reportError = complaints()
  const sdk = openSdk({ 'service.name': 'traffic-police', 'traffic_police.role': role }, reportError)
  recordWith(sdk.tracer)
  return async () => {
    recordWith(null)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_WITHIN_MS)
    })
    await Promise.race([sdk.close().catch(reportError), late])
    clearTimeout(timer)
  }
}

/** The service goes on without its traces; that they are missing is said, but not in every batch. */
function complaints(): (error: unknown) => void {
  const logger = new Logger('Traces')
  let complainedAt = Number.NEGATIVE_INFINITY
  return (error) => {
    if (Date.now() - complainedAt < COMPLAIN_EVERY_MS) return
    complainedAt = Date.now()
    const err = error instanceof Error ? error : new Error(String(error).slice(0, 500))
    logger.warn({ err }, 'traces do not reach their collector; the spans of this time are lost')
  }
}
