import { MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import { MemoryTable } from '../../src/adapters/memory/memory-table.js'
import type { MemoryTransaction } from '../../src/adapters/memory/memory-transaction.js'
import type { LockRegistry } from '../../src/infrastructure/locks/memory-locks.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'

export interface DatabaseObserver {
  /** The running call had to wait for a lock and has it now. */
  onLocked(): void
  /** Called at the instant at which the changes of a transaction become visible, or are dropped. */
  onEnd(transaction: MemoryTransaction, committed: boolean): void
}

/** A database in memory that reports what decides the order of effects. */
export class RecordedDatabase extends MemoryDatabase {
  private readonly ownTables: readonly MemoryTable<object>[]
  private readonly ended = new WeakSet<MemoryTransaction>()

  constructor(
    time: VirtualTime,
    locks: LockRegistry,
    private readonly observer: DatabaseObserver,
  ) {
    super(time, time, locks)
    this.ownTables = Object.values(this).filter((value): value is MemoryTable<object> => value instanceof MemoryTable)
  }

  /** Grows with every committed change. */
  get version(): number {
    return this.ownTables.reduce((sum, table) => sum + table.changes, 0)
  }

  /** The tables with their names in PostgreSQL. */
  get allTables(): readonly MemoryTable<object>[] {
    return this.ownTables
  }

  override async lock(key: string): Promise<() => void> {
    const release = await super.lock(key)
    this.observer.onLocked()
    return release
  }

  override async lockName(name: string, timeoutMs: number): Promise<() => void> {
    const release = await super.lockName(name, timeoutMs)
    this.observer.onLocked()
    return release
  }

  protected override commit(transaction: MemoryTransaction): void {
    super.commit(transaction)
    this.end(transaction, true)
  }

  protected override rollBack(transaction: MemoryTransaction): void {
    this.end(transaction, false)
    super.rollBack(transaction)
  }

  /** Rolled back after a commit, and once more after the end of its process: only the first counts. */
  private end(transaction: MemoryTransaction, committed: boolean): void {
    if (this.ended.has(transaction)) return
    this.ended.add(transaction)
    this.observer.onEnd(transaction, committed)
  }
}
