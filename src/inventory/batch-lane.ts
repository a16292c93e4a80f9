import { isDatabaseOutage } from '../infrastructure/prisma/outage.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'

interface Waiting<I, O> {
  item: I
  resolve: (value: O) => void
  reject: (reason: unknown) => void
}

/**
 * Group commit: while one batch of a key is at work, what arrives for that key waits and goes together in the next.
 * Batches of one key never overlap (in this process); `work` answers one result per item, in order.
 * When a batch of several throws, each item is tried alone, so that one bad item fails only itself; an outage fails
 * them all at once, instead of being met by each in turn.
 */
export class BatchLane<I, O> {
  private readonly waiting = new Map<string, Waiting<I, O>[]>()

  constructor(
    private readonly work: (key: string, items: I[]) => Promise<O[]>,
    private readonly limit = 250,
  ) {}

  submit(key: string, item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(key)
      const entry = { item, resolve, reject }
      if (queue) {
        queue.push(entry)
        return
      }
      this.waiting.set(key, [entry])
      void this.drain(key)
    })
  }

  private async drain(key: string): Promise<void> {
    for (;;) {
      const queue = this.waiting.get(key) ?? []
      if (queue.length === 0) break
      await this.run(key, queue.splice(0, this.limit))
    }
    this.waiting.delete(key)
  }

  private async run(key: string, batch: Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.work(
        key,
        batch.map(({ item }) => item),
      )
      batch.forEach(({ resolve }, index) => resolve(results[index] as O))
    } catch (error) {
      const [only] = batch
      if (isOutage(error)) for (const { reject } of batch) reject(error)
      else if (batch.length === 1 && only) only.reject(error)
      else for (const single of batch) await this.run(key, [single])
    }
  }
}

function isOutage(error: unknown): boolean {
  return isRedisOutage(error) || isDatabaseOutage(error)
}
