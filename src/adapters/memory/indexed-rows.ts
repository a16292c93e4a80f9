export type UniqueKey<Row> = (row: Row) => string | null

/** Rows by primary key, in the order in which they were added, with an index per column and per unique key. */
export class IndexedRows<Row extends object> {
  private readonly rows = new Map<string, Row>()
  private readonly byColumn: Map<keyof Row, Map<unknown, Map<string, Row>>>
  /** Per unique key: the primary keys by value. */
  private readonly byUnique: Map<string, string>[]
  /** How often a row was added, replaced or deleted. */
  changes = 0

  constructor(
    columns: readonly (keyof Row)[],
    private readonly uniqueKeys: readonly UniqueKey<Row>[],
  ) {
    this.byColumn = new Map(columns.map((column) => [column, new Map()]))
    this.byUnique = uniqueKeys.map(() => new Map())
  }

  get(key: string): Row | undefined {
    return this.rows.get(key)
  }

  all(): Iterable<Row> {
    return this.rows.values()
  }

  /** Throws for a column without an index. */
  withValue(column: keyof Row, value: unknown): Iterable<Row> {
    const index = this.byColumn.get(column)
    if (!index) throw new Error(`there is no index on ${String(column)}`)
    return index.get(value)?.values() ?? []
  }

  /** The primary key of the row with this value of the unique key at `position`. */
  keyOfUnique(position: number, value: string): string | undefined {
    return this.byUnique[position]?.get(value)
  }

  /** Adds or replaces the row. */
  set(key: string, row: Row): void {
    this.changes += 1
    const before = this.rows.get(key)
    this.rows.set(key, row)
    for (const [column, index] of this.byColumn) {
      if (before && before[column] !== row[column]) this.removeFrom(index, before[column], key)
      const rows = index.get(row[column])
      if (rows) rows.set(key, row)
      else index.set(row[column], new Map([[key, row]]))
    }
    for (const [position, index] of this.byUnique.entries()) {
      if (before) this.release(position, before, key)
      const value = this.uniqueKeys[position]?.(row) ?? null
      if (value !== null) index.set(value, key)
    }
  }

  delete(key: string): void {
    const row = this.rows.get(key)
    if (!row) return
    this.changes += 1
    this.rows.delete(key)
    for (const [column, index] of this.byColumn) this.removeFrom(index, row[column], key)
    for (const position of this.byUnique.keys()) this.release(position, row, key)
  }

  private removeFrom(index: Map<unknown, Map<string, Row>>, value: unknown, key: string): void {
    const rows = index.get(value)
    rows?.delete(key)
    if (rows?.size === 0) index.delete(value)
  }

  /** Another row may have the value by now. */
  private release(position: number, row: Row, key: string): void {
    const value = this.uniqueKeys[position]?.(row) ?? null
    const index = this.byUnique[position]
    if (value !== null && index?.get(value) === key) index.delete(value)
  }
}
