import { RateLimited } from '../../domain/errors.js'

const MAX_QUEUED = 200

/**
 * Runs the logins and registrations of one client one at a time, so that each client has at most one password among those
 * that are being hashed, however many it sends, and none passes a limit while others are still being counted.
 */
export class ClientQueues {
  private readonly queues = new Map<string, { waiting: number; last: Promise<unknown> }>()

  /** Rejects with RateLimited when too many wait. */
  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(client) ?? { waiting: 0, last: Promise.resolve() }
    if (queue.waiting >= MAX_QUEUED) throw new RateLimited('Too many logins at once.', { retryAfterSeconds: 5 })
    queue.waiting += 1
    const run = queue.last.then(work, work)
    queue.last = run.catch(() => undefined)
    this.queues.set(client, queue)
    try {
      return await run
    } finally {
      queue.waiting -= 1
      if (queue.waiting === 0) this.queues.delete(client)
    }
  }
}
