import { eventNotFound, Unavailable } from '../../domain/errors.js'
import { isOutage } from '../../infrastructure/errors/outage.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { BatchQueue, type Together } from './batch-queue.js'
import { EventUnknown } from '../ledger.js'
import { GateSyncFailed } from '../stock.js'

/** The outcome of one item of a batch. */
export type ItemResult<T> = { value: T } | { error: Error }

/**
 * Processes concurrent requests for one event in one locked transaction. A rejected request fails alone; an outage
 * fails the whole batch at once instead of one request after another.
 */
export class EventBatchQueue<I, O> {
  private readonly queue: BatchQueue<I, ItemResult<O>>

  /** `together`: tries the batches of several events at once (see BatchQueue). */
  constructor(
    work: (eventId: string, items: I[]) => Promise<ItemResult<O>[]>,
    clock: Clock,
    together?: Together<I, ItemResult<O>>,
  ) {
    const alone = async (eventId: string, items: I[]) => {
      try {
        return await work(eventId, items)
      } catch (error) {
        const isShared = error instanceof EventUnknown || items.length === 1
        // On an outage the batch queue fails all waiting items; on other errors it splits the batch in half.
        if (isOutage(error) || !isShared) throw error
        return items.map(() => ({ error: toDomainError(error) }))
      }
    }
    this.queue = new BatchQueue(alone, clock, {}, together)
  }

  async submit(eventId: string, item: I): Promise<O> {
    const result = await this.queue.submit(eventId, item)
    if ('error' in result) throw result.error
    return result.value
  }
}

/** Translates stock errors for the API; other errors are unchanged. */
export function toDomainError(error: unknown): Error {
  if (error instanceof EventUnknown) return eventNotFound(error)
  if (error instanceof GateSyncFailed) {
    return new Unavailable('The stock of this event is being checked. Try again.', { cause: error })
  }
  return error instanceof Error ? error : new Error(String(error))
}
