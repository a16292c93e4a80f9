/** As PostgreSQL sorts ids: they are ASCII. */
export function byId(a: { id: string }, b: { id: string }): number {
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

/** Earliest first, rows without an instant before others. */
export function byInstant<Row>(instantOf: (row: Row) => Date | null): (a: Row, b: Row) => number {
  const rank = (row: Row) => instantOf(row)?.getTime() ?? Number.NEGATIVE_INFINITY
  return (a, b) => {
    const [x, y] = [rank(a), rank(b)]
    if (x === y) return 0
    return x < y ? -1 : 1
  }
}

/** As `byInstant`, rows of the same instant by id. */
export function byInstantAndId<Row extends { id: string }>(
  instantOf: (row: Row) => Date | null,
): (a: Row, b: Row) => number {
  const compare = byInstant(instantOf)
  return (a, b) => compare(a, b) || byId(a, b)
}

/** As PostgreSQL sorts text in the collation of bytes, whatever characters it contains. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
