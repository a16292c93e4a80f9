import type { ServiceState } from '../instances/service-state.js'
import { Locks } from './locks.js'

/** What the processes of one installation share: pass the same registry to the `MemoryLocks` of each. */
export class LockRegistry {
  private readonly held = new Map<string, AbortController>()

  /** Null: taken. */
  take(name: string): AbortController | null {
    if (this.held.has(name)) return null
    const holder = new AbortController()
    this.held.set(name, holder)
    return holder
  }

  /** Changes nothing when `holder` has lost the lock: another may hold it by now. */
  release(name: string, holder: AbortController): void {
    if (this.held.get(name) === holder) this.held.delete(name)
  }

  /** Simulates the loss of every connection: locks end while their work continues. */
  loseAll(): void {
    const holders = [...this.held.values()]
    this.held.clear()
    for (const holder of holders) holder.abort(new Error('the lock was lost'))
  }
}

/** Locks in memory, for one process with several services. */
export class MemoryLocks extends Locks {
  constructor(
    private readonly state: ServiceState,
    private readonly registry = new LockRegistry(),
  ) {
    super()
  }

  override async tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    if (this.state.outOfService) return null
    const holder = this.registry.take(name)
    if (!holder) return null
    try {
      return await work(holder.signal)
    } finally {
      this.registry.release(name, holder)
    }
  }

  override tryLead<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.tryWith(name, work)
  }
}
