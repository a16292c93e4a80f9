import { AsyncLocalStorage } from 'node:async_hooks'
import { newId } from '../ids.js'

const storage = new AsyncLocalStorage<string>()
let kept = true

/** Runs `work` so that every log line written within it has `id`. A job inherits the id of its cause. */
export function withCorrelation<T>(id: string, work: () => T): T {
  return kept ? storage.run(id, work) : work()
}

/**
 * For a process without a log: ids are no longer kept, since every promise of a process that keeps one costs more.
 * Returns a function that restores it.
 */
export function dropCorrelation(): () => void {
  const before = kept
  kept = false
  return () => {
    kept = before
  }
}

/** The correlation id of the current request or job; undefined outside of both. */
export function correlationId(): string | undefined {
  return storage.getStore()
}

/** The `x-request-id` of a trusted caller if it is harmless (1 to 64 letters, digits, `_`, `-`), else a new id. */
export function acceptCorrelationId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : newId('req')
}
