import { NotFound, Unavailable } from '../domain/errors.js'
import { isOutage } from '../infrastructure/outage.js'
import { BatchLane } from '../inventory/batch-lane.js'
import { EventUnknown } from '../inventory/ledger.js'
import { GateUnsettled } from '../inventory/stock.js'

/** What became of one item of a batch. */
export type Answer<T> = { value: T } | { error: Error }

/**
 * Works on many wishes for one event in one locked transaction. A wish that is refused fails alone; an outage is told
 * to all at once instead of being met by each in turn.
 */
export class EventLane<I, O> {
  private readonly lane: BatchLane<I, Answer<O>>

  constructor(work: (eventId: string, items: I[]) => Promise<Answer<O>[]>) {
    this.lane = new BatchLane(async (eventId, items) => {
      try {
        return await work(eventId, items)
      } catch (error) {
        const isShared = error instanceof EventUnknown || items.length === 1
        // The lane fails all that wait at once in an outage, and halves the batch otherwise.
        if (isOutage(error) || !isShared) throw error
        return items.map(() => ({ error: toCaller(error) }))
      }
    })
  }

  async submit(eventId: string, item: I): Promise<O> {
    const answer = await this.lane.submit(eventId, item)
    if ('error' in answer) throw answer.error
    return answer.value
  }
}

/** Errors of the stock in words for the caller; others as they are. */
export function toCaller(error: unknown): Error {
  if (error instanceof EventUnknown) return new NotFound('There is no such event.', { cause: error })
  if (error instanceof GateUnsettled) {
    return new Unavailable('The stock of this event is being checked. Try again.', { cause: error })
  }
  return error instanceof Error ? error : new Error(String(error))
}
