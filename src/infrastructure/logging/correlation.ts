import { AsyncLocalStorage } from 'node:async_hooks'
import { newId } from '../ids.js'

const storage = new AsyncLocalStorage<string>()

/** Runs `work` so that every log line written within it has `id`. A job inherits the id of its cause. */
export function withCorrelation<T>(id: string, work: () => T): T {
  return storage.run(id, work)
}

/** The correlation id of the current request or job; undefined outside of both. */
export function correlationId(): string | undefined {
  return storage.getStore()
}

/** The caller's `x-request-id` if it is harmless (1 to 64 letters, digits, `_`, `-`), else a new id. */
export function acceptCorrelationId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : newId('req')
}
