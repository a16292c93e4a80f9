import { setMaxListeners } from 'node:events'
import { throwIfStopped } from './run-deadline.js'

/**
 * Runs `check` for each event that `next` returns after the one before, up to `limit` of them at the same time. The first
 * failure stops the others, and is thrown once all have ended. @throws RunStopped
 */
export async function checkConcurrently(
  { limit, after, signal }: { limit: number; after: string | null; signal: AbortSignal },
  next: (after: string | null) => Promise<string | null>,
  check: (eventId: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  const failing = new AbortController()
  const within = AbortSignal.any([signal, failing.signal])
  // Each check listens; their number is bounded by `limit`, and Node would report more than ten as a leak.
  setMaxListeners(0, within)
  const running = new Set<Promise<void>>()
  const fail = (error: unknown) => {
    failures.push(error)
    failing.abort()
  }
  const start = (eventId: string) => {
    const work: Promise<void> = check(eventId, within)
      .catch(fail)
      .finally(() => running.delete(work))
    running.add(work)
  }
  try {
    for (let eventId = await next(after); eventId !== null; eventId = await next(eventId)) {
      throwIfStopped(within)
      start(eventId)
      if (running.size >= limit) await Promise.race(running)
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}
