import { IndexedRows, type UniqueKey } from './indexed-rows.js'
import { memoryTransaction, type DatabaseLocks, type MemoryTransaction } from './memory-transaction.js'

/** What one transaction has changed in one table. */
interface Overlay<Row extends object> {
  /** The primary keys of inserted, updated and deleted rows. */
  changed: Set<string>
  /** Changed rows as the transaction sees them. */
  rows: IndexedRows<Row>
}

/** A transaction whose changes are not visible to others yet. Null: changes are committed at once. */
export type Scope = object | null

type Change<Row> = Partial<Row> | ((row: Row) => Partial<Row>)

/** PostgreSQL's unique_violation under the code that Prisma gives it. */
export class UniqueViolation extends Error {
  readonly code = 'P2002'
}

const EVERY = () => true

/**
 * Rows by primary key. Rows are never changed in place and must not be changed by callers: a change replaces the row.
 * A change locks its row, and values of unique keys that it adds or removes: in a transaction until that ends. A change
 * of a row that another transaction has locked waits, and then applies to the row that this transaction leaves.
 * Without that, it takes effect within the call.
 */
export class MemoryTable<Row extends object> {
  private readonly committed: IndexedRows<Row>
  private readonly overlays = new Map<MemoryTransaction, Overlay<Row>>()
  private locks: DatabaseLocks | null = null

  /** As a trigger of the table: throws for an update that the table refuses. */
  beforeUpdate: ((before: Row, after: Row) => void) | null = null
  /** As a trigger of the table: runs after each update of a row, in the same scope. */
  afterUpdate: ((scope: Scope, before: Row, after: Row) => Promise<void>) | null = null

  /**
   * `uniqueKeys`: further keys that are unique where they are not null. `indexes`: the columns that `whereKey` accepts;
   * values are compared by identity, so that they may not be dates.
   */
  constructor(
    /** That of the table in PostgreSQL. */
    readonly name: string,
    private readonly keyOf: (row: Row) => string,
    private readonly uniqueKeys: readonly UniqueKey<Row>[] = [],
    private readonly indexes: readonly (keyof Row)[] = [],
  ) {
    this.committed = new IndexedRows(indexes, uniqueKeys)
  }

  /** Called once, by the database of the table. */
  useLocks(locks: DatabaseLocks): void {
    this.locks = locks
  }

  /** The name of the lock of a row. */
  lockOf(key: string): string {
    return `${this.name} ${key}`
  }

  /** Grows with every committed change. */
  get changes(): number {
    return this.committed.changes
  }

  get(scope: Scope, key: string): Row | undefined {
    const overlay = this.overlayOf(scope)
    return overlay?.changed.has(key) ? overlay.rows.get(key) : this.committed.get(key)
  }

  /** The row with this value of a unique key. `position`: of the key among those of the table. */
  getUnique(scope: Scope, value: string, position = 0): Row | undefined {
    const overlay = this.overlayOf(scope)
    const changed = overlay?.rows.keyOfUnique(position, value)
    if (changed !== undefined) return overlay?.rows.get(changed)
    const key = this.committed.keyOfUnique(position, value)
    return key === undefined || overlay?.changed.has(key) ? undefined : this.committed.get(key)
  }

  /** Reads every row. */
  where(scope: Scope, matches: (row: Row) => boolean = EVERY): Row[] {
    return this.select(scope, (rows) => rows.all(), matches)
  }

  /** Reads only rows with this value in a column that has an index. */
  whereKey<Column extends keyof Row>(
    scope: Scope,
    column: Column,
    value: Row[Column],
    matches: (row: Row) => boolean = EVERY,
  ): Row[] {
    return this.select(scope, (rows) => rows.withValue(column, value), matches)
  }

  /** Rejects with UniqueViolation. */
  insert(scope: Scope, row: Row): Promise<void> {
    const key = this.keyOf(row)
    return this.locked(scope, this.lockNames(key, undefined, row), () => {
      if (this.get(scope, key)) throw new UniqueViolation(`${this.name}: ${key} exists`)
      this.put(scope, key, row)
    })
  }

  /** False: there is no such row, or it does not match. */
  async update(
    scope: Scope,
    key: string,
    change: Change<Row>,
    matches: (row: Row) => boolean = EVERY,
  ): Promise<boolean> {
    const visible = this.get(scope, key)
    if (!visible || !matches(visible)) return false
    return this.locked(scope, this.lockNames(key, visible, changed(visible, change)), async () => {
      const before = this.get(scope, key)
      if (!before || !matches(before)) return false
      await this.replace(scope, key, before, change)
      return true
    })
  }

  /** Updates all rows that match; returns their number. `rows`: those that may match, if not all. */
  async updateWhere(
    scope: Scope,
    matches: (row: Row) => boolean,
    change: Change<Row>,
    rows: readonly Row[] = this.where(scope, matches),
  ): Promise<number> {
    let updated = 0
    for (const row of rows) if (await this.update(scope, this.keyOf(row), change, matches)) updated += 1
    return updated
  }

  /** Inserts the row, or updates the one with the same primary key. */
  upsert(scope: Scope, row: Row, change: Change<Row> = row): Promise<void> {
    const key = this.keyOf(row)
    const visible = this.get(scope, key)
    return this.locked(scope, this.lockNames(key, visible, { ...visible, ...row }), async () => {
      const before = this.get(scope, key)
      if (before) await this.replace(scope, key, before, change)
      else this.put(scope, key, row)
    })
  }

  /** Deletes all rows that match; returns their number. `rows`: those that may match, if not all. */
  async deleteWhere(
    scope: Scope,
    matches: (row: Row) => boolean,
    rows: readonly Row[] = this.where(scope, matches),
  ): Promise<number> {
    let deleted = 0
    for (const row of rows) {
      const key = this.keyOf(row)
      await this.locked(scope, this.lockNames(key, row, undefined), () => {
        const newest = this.get(scope, key)
        if (!newest || !matches(newest)) return
        this.put(scope, key, undefined)
        deleted += 1
      })
    }
    return deleted
  }

  /** Makes the changes of a transaction visible to all. */
  commit(transaction: MemoryTransaction): void {
    const overlay = this.overlays.get(transaction)
    this.overlays.delete(transaction)
    for (const key of overlay?.changed ?? []) {
      const row = overlay?.rows.get(key)
      if (row) this.committed.set(key, row)
      else this.committed.delete(key)
    }
  }

  rollBack(transaction: MemoryTransaction): void {
    this.overlays.delete(transaction)
  }

  private select(scope: Scope, from: (rows: IndexedRows<Row>) => Iterable<Row>, matches: (row: Row) => boolean): Row[] {
    const overlay = this.overlayOf(scope)
    const found: Row[] = []
    for (const row of from(this.committed)) {
      if (!overlay?.changed.has(this.keyOf(row)) && matches(row)) found.push(row)
    }
    if (overlay) for (const row of from(overlay.rows)) if (matches(row)) found.push(row)
    return found
  }

  private async replace(scope: Scope, key: string, before: Row, change: Change<Row>): Promise<void> {
    const after = changed(before, change)
    this.beforeUpdate?.(before, after)
    this.put(scope, key, after)
    await this.afterUpdate?.(scope, before, after)
  }

  /** Undefined: deletes the row. */
  private put(scope: Scope, key: string, row: Row | undefined): void {
    if (row) this.assertUnique(scope, key, row)
    const transaction = memoryTransaction(scope)
    transaction?.assertOpen()
    let rows = this.committed
    if (transaction) {
      const overlay = this.overlays.get(transaction) ?? {
        changed: new Set(),
        rows: new IndexedRows(this.indexes, this.uniqueKeys),
      }
      this.overlays.set(transaction, overlay)
      overlay.changed.add(key)
      rows = overlay.rows
    }
    if (row) rows.set(key, row)
    else rows.delete(key)
  }

  private assertUnique(scope: Scope, key: string, row: Row): void {
    for (const [position, uniqueKey] of this.uniqueKeys.entries()) {
      const value = uniqueKey(row)
      const other = value === null ? undefined : this.getUnique(scope, value, position)
      if (other && this.keyOf(other) !== key) throw new UniqueViolation(`${this.name}: ${value} exists`)
    }
  }

  /** Of the row, and of the values of unique keys that a change of it adds or removes. */
  private lockNames(key: string, before: Row | undefined, after: Row | undefined): string[] {
    const names = [this.lockOf(key)]
    for (const [position, uniqueKey] of this.uniqueKeys.entries()) {
      const values = [before && uniqueKey(before), after && uniqueKey(after)]
      if (values[0] === values[1]) continue
      for (const value of values) if (typeof value === 'string') names.push(`${this.name}:${position} ${value}`)
    }
    return names
  }

  private async locked<T>(scope: Scope, names: readonly string[], work: () => T | Promise<T>): Promise<T> {
    const transaction = memoryTransaction(scope)
    if (transaction) {
      for (const name of names) if (!transaction.tryLock(name)) await transaction.lock(name)
      return work()
    }
    if (!this.locks) throw new Error(`${this.name} belongs to no database`)
    const releases: (() => void)[] = []
    try {
      for (const name of names) releases.push(this.locks.tryLock(name) ?? (await this.locks.lock(name)))
      return await work()
    } finally {
      for (const release of releases) release()
    }
  }

  private overlayOf(scope: Scope): Overlay<Row> | undefined {
    const transaction = memoryTransaction(scope)
    // A read fails as well: a query on a lost connection returns nothing.
    transaction?.assertOpen()
    return transaction ? this.overlays.get(transaction) : undefined
  }
}

function changed<Row extends object>(row: Row, change: Change<Row>): Row {
  return { ...row, ...(typeof change === 'function' ? change(row) : change) }
}
