import type { ServiceState } from '../instances/service-state.js'
import { Locks } from './locks.js'

/**
 * What the processes of one installation share: pass the same registry to the `MemoryLocks` of each, and to the database
 * whose transactions lock names.
 */
export class LockRegistry {
  /** Null: held by a transaction. */
  private readonly held = new Map<string, AbortController | null>()
  /** Transactions that wait for a name, in the order of their requests. */
  private readonly waiting = new Map<string, (() => void)[]>()

  /** Null: taken. */
  take(name: string): AbortController | null {
    if (this.held.has(name)) return null
    const holder = new AbortController()
    this.held.set(name, holder)
    return holder
  }

  /** Changes nothing when `holder` has lost the lock: another may hold it by now. */
  release(name: string, holder: AbortController): void {
    if (this.held.get(name) === holder) this.passOn(name)
  }

  /**
   * Waits for the lock in a transaction. Resolves with the function that releases it; rejects with the reason of `signal`
   * if it aborts first.
   */
  async lockInTransaction(name: string, signal: AbortSignal): Promise<() => void> {
    if (this.held.has(name)) await this.turn(name, signal)
    else this.held.set(name, null)
    return () => this.passOn(name)
  }

  /** As `lockInTransaction`, without waiting; null: taken. */
  tryLockInTransaction(name: string): (() => void) | null {
    if (this.held.has(name)) return null
    this.held.set(name, null)
    return () => this.passOn(name)
  }

  /** Simulates the loss of every connection of `Locks`: locks end while their work continues. */
  loseAll(): void {
    const holders = [...this.held].flatMap(([name, holder]) => (holder ? [{ name, holder }] : []))
    for (const { name } of holders) this.passOn(name)
    for (const { holder } of holders) holder.abort(new Error('the lock was lost'))
  }

  private turn(name: string, signal: AbortSignal): Promise<void> {
    const queue = this.waiting.get(name) ?? []
    this.waiting.set(name, queue)
    return new Promise((resolve, reject) => {
      queue.push(resolve)
      signal.addEventListener('abort', () => {
        const index = queue.indexOf(resolve)
        if (index < 0) return
        queue.splice(index, 1)
        reject(signal.reason as Error)
      })
    })
  }

  /** To the transaction that has waited longest, as PostgreSQL does. */
  private passOn(name: string): void {
    const next = this.waiting.get(name)?.shift()
    if (next) {
      this.held.set(name, null)
      next()
    } else {
      this.held.delete(name)
      this.waiting.delete(name)
    }
  }
}

/** Locks in memory, for one process with several services. */
export class MemoryLocks extends Locks {
  private readonly held = new Map<AbortController, string>()

  /** `assertAvailable`: throws while this process does not reach the server of the locks. */
  constructor(
    private readonly state: ServiceState,
    private readonly registry = new LockRegistry(),
    private readonly assertAvailable: () => void = () => undefined,
  ) {
    super()
  }

  /**
   * The connections of this process end: so do its locks, while their work continues. `noticed`: runs its argument once the
   * process notices; omitted: at once.
   */
  disconnect(noticed: (abort: () => void) => void = (abort) => abort()): void {
    for (const [holder, name] of this.held) {
      this.registry.release(name, holder)
      noticed(() => holder.abort(new Error('the lock was lost')))
    }
  }

  override async tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    if (this.state.outOfService) return null
    this.assertAvailable()
    const holder = this.registry.take(name)
    if (!holder) return null
    this.held.set(holder, name)
    try {
      return await work(holder.signal)
    } finally {
      this.held.delete(holder)
      this.registry.release(name, holder)
    }
  }

  override tryLead<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.tryWith(name, work)
  }
}
