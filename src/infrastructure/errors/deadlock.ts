import { setTimeout as sleep } from 'node:timers/promises'

const MAX_ATTEMPTS = 3
const MAX_PAUSE_MS = 100

/** Whether a transaction was rolled back because of a conflict with a concurrent one: a retry can succeed. */
export function isDeadlock(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false
  const { code, originalCode, kind, cause, meta } = error as Record<string, unknown>
  if ([code, originalCode].some((value) => value === '40P01' || value === '40001' || value === 'P2034')) return true
  if (kind === 'TransactionWriteConflict') return true
  const driverError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta && meta.driverAdapterError
  return isDeadlock(cause, depth + 1) || isDeadlock(driverError, depth + 1)
}

/** Retries a transaction that was a deadlock victim, up to three attempts. `work` is the complete transaction. */
export async function retryDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isDeadlock(error) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(Math.random() * MAX_PAUSE_MS)
    }
  }
}
