import { AsyncLocalStorage } from 'node:async_hooks'
import { newId } from '../ids.js'

const storage = new AsyncLocalStorage<string>()

/** Runs `work` so that every log line written within it carries `id`. A job takes over the id of what caused it. */
export function withCorrelation<T>(id: string, work: () => T): T {
  return storage.run(id, work)
}

/** The id that joins the log lines of the present request or job; undefined outside of both. */
export function correlationId(): string | undefined {
  return storage.getStore()
}

/** The caller's `x-request-id` where it is harmless (1 to 64 letters, digits, `_`, `-`), else a new one. */
export function acceptCorrelationId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : newId('req')
}
