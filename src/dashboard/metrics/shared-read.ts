import { Logger } from '@nestjs/common'
import type { Gauge } from 'prom-client'
import type { Metrics } from '../../infrastructure/metrics/metrics.js'

/** Scrapes closer together than this share one read, ms. */
const FRESH_MS = 1_000
const logger = new Logger('Metrics')

interface Spec {
  help: string
  labels: readonly string[]
}

export type Gauges<N extends string> = Record<N, Gauge<string>>

/**
 * Gauges that one read sets together, at a scrape. What cannot be read is left out: no sample is better than an old
 * one or a 0.
 */
export function gaugesOfOneRead<N extends string>(
  metrics: Metrics,
  specs: Record<N, Spec>,
  read: (gauges: Gauges<N>) => Promise<void>,
): void {
  let reading: { at: number; done: Promise<void> } | null = null
  const refresh = (): Promise<void> => {
    const now = Date.now()
    if (!reading || now - reading.at > FRESH_MS) reading = { at: now, done: readAnew() }
    return reading.done
  }
  const made = Object.entries<Spec>(specs).map(([name, { help, labels }]) => [
    name,
    metrics.gauge(name, help, labels, refresh),
  ])
  const gauges = Object.fromEntries(made) as Gauges<N>
  const reset = () => {
    for (const gauge of Object.values<Gauge<string>>(gauges)) gauge.reset()
  }
  const readAnew = async (): Promise<void> => {
    reset()
    try {
      await read(gauges)
    } catch (error) {
      reset()
      logger.debug({ err: error }, 'some metrics cannot be read now')
    }
  }
}
