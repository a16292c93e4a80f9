/** A change of one row by a transaction, repeated on the committed row when the transaction commits. */
interface RowChange<Row> {
  key: string
  /** Undefined, before or after: there is no such row. */
  apply: (row: Row | undefined) => Row | undefined
}

/** The changes that one transaction has made to one table. */
interface Overlay<Row> {
  changes: RowChange<Row>[]
  /** Changed rows as the transaction sees them; undefined: deleted. */
  rows: Map<string, Row | undefined>
}

/** Identifies a transaction whose changes are not visible to others yet. Null: changes are committed at once. */
export type Scope = object | null

/** PostgreSQL's unique_violation under the code that Prisma gives it. */
export class UniqueViolation extends Error {
  readonly code = 'P2002'
}

/**
 * Rows by primary key, in the order in which they were inserted. Rows are never changed in place and must not be changed
 * by callers: a change replaces the row.
 */
export class MemoryTable<Row extends object> {
  private readonly committed = new Map<string, Row>()
  private readonly overlays = new Map<object, Overlay<Row>>()

  /** As a trigger of the table: runs after each update of a row, in the same scope. */
  afterUpdate: ((scope: Scope, before: Row, after: Row) => void) | null = null

  /** `uniqueKeys`: further keys that are unique where they are not null. */
  constructor(
    private readonly name: string,
    private readonly keyOf: (row: Row) => string,
    private readonly uniqueKeys: readonly ((row: Row) => string | null)[] = [],
  ) {}

  get(scope: Scope, key: string): Row | undefined {
    const overlay = scope && this.overlays.get(scope)
    return overlay?.rows.has(key) ? overlay.rows.get(key) : this.committed.get(key)
  }

  where(scope: Scope, matches: (row: Row) => boolean = () => true): Row[] {
    return this.rows(scope).filter(matches)
  }

  /** Throws UniqueViolation. */
  insert(scope: Scope, row: Row): void {
    const key = this.keyOf(row)
    if (this.get(scope, key)) throw new UniqueViolation(`${this.name}: ${key} exists`)
    for (const uniqueKey of this.uniqueKeys) {
      const value = uniqueKey(row)
      if (value !== null && this.rows(scope).some((other) => uniqueKey(other) === value)) {
        throw new UniqueViolation(`${this.name}: ${value} exists`)
      }
    }
    this.change(scope, { key, apply: () => row })
  }

  /** False: there is no such row. */
  update(scope: Scope, key: string, change: Partial<Row> | ((row: Row) => Partial<Row>)): boolean {
    const before = this.get(scope, key)
    if (!before) return false
    this.change(scope, {
      key,
      apply: (row) => row && { ...row, ...(typeof change === 'function' ? change(row) : change) },
    })
    this.afterUpdate?.(scope, before, this.get(scope, key) ?? before)
    return true
  }

  /** Updates all rows that match; returns their number. */
  updateWhere(
    scope: Scope,
    matches: (row: Row) => boolean,
    change: Partial<Row> | ((row: Row) => Partial<Row>),
  ): number {
    const found = this.where(scope, matches)
    for (const row of found) this.update(scope, this.keyOf(row), change)
    return found.length
  }

  /** Inserts the row, or updates the one with the same primary key. */
  upsert(scope: Scope, row: Row, change: Partial<Row> = row): void {
    if (!this.update(scope, this.keyOf(row), change)) this.insert(scope, row)
  }

  deleteWhere(scope: Scope, matches: (row: Row) => boolean): number {
    const found = this.where(scope, matches)
    for (const row of found) this.change(scope, { key: this.keyOf(row), apply: () => undefined })
    return found.length
  }

  /** Makes the changes of a transaction visible to all. */
  commit(scope: object): void {
    const { changes } = this.overlays.get(scope) ?? { changes: [] }
    this.overlays.delete(scope)
    for (const change of changes) this.applyCommitted(change)
  }

  rollBack(scope: object): void {
    this.overlays.delete(scope)
  }

  private rows(scope: Scope): Row[] {
    const overlay = scope && this.overlays.get(scope)
    if (!overlay) return [...this.committed.values()]
    const rows = new Map<string, Row | undefined>(this.committed)
    for (const [key, row] of overlay.rows) rows.set(key, row)
    return [...rows.values()].filter((row) => row !== undefined)
  }

  private change(scope: Scope, change: RowChange<Row>): void {
    if (!scope) return this.applyCommitted(change)
    let overlay = this.overlays.get(scope)
    if (!overlay) this.overlays.set(scope, (overlay = { changes: [], rows: new Map() }))
    overlay.rows.set(change.key, change.apply(this.get(scope, change.key)))
    overlay.changes.push(change)
  }

  private applyCommitted({ key, apply }: RowChange<Row>): void {
    const row = apply(this.committed.get(key))
    if (row) this.committed.set(key, row)
    else this.committed.delete(key)
  }
}
