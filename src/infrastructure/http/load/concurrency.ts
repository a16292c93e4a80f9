import { RateLimited, Unavailable, type DomainError } from '../../../domain/errors.js'
import type { WorkClass } from '../../work-class.js'

export interface ConcurrencyLimit {
  total: number
  perClient: number
}

/** Health checks are not limited: they use hardly anything, and supervisors of the service rely on them. */
export const CONCURRENCY: Record<Exclude<WorkClass, 'HEALTH'>, ConcurrencyLimit> = {
  // A platform delivers from few addresses, and in bursts.
  DELIVERY: { total: 1_000, perClient: 750 },
  STAFF: { total: 500, perClient: 350 },
  PUBLIC: { total: 1_500, perClient: 1_000 },
}

/** Counts the requests of one class that are being processed: their bodies are complete, their responses are not. */
export class Concurrency {
  private readonly clients = new Map<string, number>()
  private count = 0

  constructor(private readonly limit: ConcurrencyLimit) {}

  /** The reason why this request cannot be processed now; null: it is admitted, and `leave` has to be called. */
  enter(client: string): DomainError | null {
    const own = this.clients.get(client) ?? 0
    if (own >= this.limit.perClient)
      return new RateLimited('Too many requests at once from this address.', { retryAfterSeconds: 1 })
    if (this.count >= this.limit.total) return new Unavailable('Too many requests at once.', { retryAfterSeconds: 1 })
    this.count += 1
    this.clients.set(client, own + 1)
    return null
  }

  leave(client: string): void {
    const own = this.clients.get(client) ?? 0
    this.count -= 1
    if (own > 1) this.clients.set(client, own - 1)
    else this.clients.delete(client)
  }
}
