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

  /** As `loseAll`, for one holder. */
  lose(name: string, holder: AbortController): void {
    this.release(name, holder)
    holder.abort(new Error('the lock was lost'))
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

  /** The connections of this process end: so do its locks, while their work continues. */
  disconnect(): void {
    for (const [holder, name] of this.held) this.registry.lose(name, holder)
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
