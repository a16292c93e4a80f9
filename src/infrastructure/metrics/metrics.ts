import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

const PREFIX = 'trafficpolice_'
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/**
 * The metrics of this process. Names are given without the prefix `trafficpolice_`, in base units (`_seconds`,
 * `_tickets`, `_total` on counters); labels must be bounded: never order, hold or customer ids.
 * Registering a name again returns the same metric.
 */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  private readonly registry = new Registry()

  /** Adds those of the process, such as CPU and memory. They are measured until it ends, so it has them only once. */
  addProcessMetrics(): this {
    collectDefaultMetrics({ register: this.registry })
    return this
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return this.once(
      name,
      (full) => new Counter({ name: full, help, labelNames, registers: [this.registry] }),
      Counter<L>,
    )
  }

  /** `collect` is called at every scrape to update the gauge. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L> {
    const make = (full: string) =>
      new Gauge<L>({
        name: full,
        help,
        labelNames,
        registers: [this.registry],
        ...(collect
          ? {
              collect() {
                return collect(this)
              },
            }
          : {}),
      })
    return this.once(name, make, Gauge<L>)
  }

  /** `buckets` use the unit of the name; default: seconds from 1 ms to 1 min. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    buckets: readonly number[] = SECONDS,
  ): Histogram<L> {
    const make = (full: string) =>
      new Histogram<L>({ name: full, help, labelNames, buckets: [...buckets], registers: [this.registry] })
    return this.once(name, make, Histogram<L>)
  }

  get contentType(): string {
    return this.registry.contentType
  }

  /** All metrics in the text format of Prometheus. */
  async render(): Promise<string> {
    return this.registry.metrics()
  }

  onApplicationShutdown(): void {
    this.registry.clear()
  }

  private once<M>(name: string, make: (fullName: string) => M, type: abstract new (...args: never[]) => M): M {
    const fullName = PREFIX + name
    const existing: unknown = this.registry.getSingleMetric(fullName)
    if (existing === undefined) return make(fullName)
    if (existing instanceof type) return existing
    throw new Error(`${fullName} is already registered with another type`)
  }
}
