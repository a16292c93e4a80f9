import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Who causes work, which decides what it may use under load: a platform that delivers, staff, a health check, or any other
 * caller. Work without a class is the service's own.
 */
export type WorkClass = 'DELIVERY' | 'STAFF' | 'HEALTH' | 'PUBLIC'

const storage = new AsyncLocalStorage<WorkClass>()

/** Runs `work`, and everything that it starts, as work of this class. */
export function withWorkClass<T>(workClass: WorkClass, work: () => T): T {
  return storage.run(workClass, work)
}

/** The class of the current work; undefined: the service's own. */
export function workClass(): WorkClass | undefined {
  return storage.getStore()
}

/** Runs `work` as the service's own, although a caller started it. */
export function asOwnWork<T>(work: () => T): T {
  return storage.exit(work)
}
