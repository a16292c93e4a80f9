import { DatabaseTransaction } from '../../infrastructure/transaction.js'

/** The locks of a database, by name. */
export interface DatabaseLocks {
  /** Waits for the lock and returns the function that releases it. Rejects when it takes too long, as PostgreSQL does. */
  lock(name: string): Promise<() => void>
  /** As `lock`, of a name that `Locks` locks as well. */
  lockName(name: string, timeoutMs: number): Promise<() => void>
  /** Null: it is held. */
  tryLock(name: string): (() => void) | null
  /** As `tryLock`, of a name that `Locks` locks as well. */
  tryLockName(name: string): (() => void) | null
}

/** A transaction of a `MemoryDatabase`: the scope of its changes, and the locks that it holds, until it ends. */
export class MemoryTransaction extends DatabaseTransaction {
  protected readonly database = 'memory'
  private readonly held = new Map<string, () => void>()
  private ended = false

  constructor(private readonly locks: DatabaseLocks) {
    super()
  }

  /** Waits for the lock and keeps it until the end of the transaction. */
  lock(name: string): Promise<void> {
    return this.hold(name, () => this.locks.lock(name))
  }

  /** As `lock`, of a name that `Locks` locks as well. */
  lockName(name: string, timeoutMs: number): Promise<void> {
    return this.hold(`name ${name}`, () => this.locks.lockName(name, timeoutMs))
  }

  /** False: another transaction holds it. */
  tryLock(name: string): boolean {
    return this.tryHold(name, () => this.locks.tryLock(name))
  }

  /** As `tryLock`, of a name that `Locks` locks as well. */
  tryLockName(name: string): boolean {
    return this.tryHold(`name ${name}`, () => this.locks.tryLockName(name))
  }

  /** Throws after the end: the connection may have been lost while the work of the transaction continues. */
  assertOpen(): void {
    if (this.ended) throw new Error('Connection terminated: the transaction has ended')
  }

  private async hold(key: string, request: () => Promise<() => void>): Promise<void> {
    this.assertOpen()
    if (this.held.has(key)) return
    const release = await request()
    if (this.ended) release()
    this.assertOpen()
    this.held.set(key, release)
  }

  private tryHold(key: string, request: () => (() => void) | null): boolean {
    this.assertOpen()
    if (this.held.has(key)) return true
    const release = request()
    if (release) this.held.set(key, release)
    return release !== null
  }

  /** Releases the locks. */
  end(): void {
    this.ended = true
    for (const release of this.held.values()) release()
    this.held.clear()
  }
}

/** Throws TypeError for a transaction of another database. */
export function memoryTransaction(transaction: object | null): MemoryTransaction | null {
  if (transaction === null || transaction instanceof MemoryTransaction) return transaction
  throw new TypeError('not a transaction of a database in memory')
}
