import { Logger } from '@nestjs/common'
import type { Gauge } from 'prom-client'
import type { Metrics } from '../../infrastructure/metrics/metrics.js'
import type { Clock } from '../../infrastructure/time/clock.js'

/** Scrapes within this time share one read, ms. */
const MAX_AGE_MS = 1_000
const logger = new Logger('Metrics')

interface Spec {
  help: string
  labels: readonly string[]
}

export type Gauges<N extends string> = Record<N, Gauge<string>>

/**
 * Registers gauges that are set together by one read per scrape. If the read fails they have no samples, rather than
 * stale ones or 0.
 */
export function registerGauges<N extends string>(
  metrics: Metrics,
  specs: Record<N, Spec>,
  read: (gauges: Gauges<N>) => Promise<void>,
  clock: Clock,
): void {
  let lastRead: { at: number; done: Promise<void> } | null = null
  const refresh = (): Promise<void> => {
    const now = clock.monotonicMs()
    if (!lastRead || now - lastRead.at > MAX_AGE_MS) lastRead = { at: now, done: readAll() }
    return lastRead.done
  }
  const registered = Object.entries<Spec>(specs).map(([name, { help, labels }]) => [
    name,
    metrics.gauge(name, help, labels, refresh),
  ])
  const gauges = Object.fromEntries(registered) as Gauges<N>
  const reset = () => {
    for (const [name, { labels }] of Object.entries<Spec>(specs)) {
      const gauge = gauges[name as N]
      gauge.reset()
      // One without labels would be 0.
      if (labels.length === 0) gauge.remove()
    }
  }
  const readAll = async (): Promise<void> => {
    reset()
    try {
      await read(gauges)
    } catch (error) {
      reset()
      logger.debug({ err: error }, 'failed to read metrics; samples are omitted')
    }
  }
}
