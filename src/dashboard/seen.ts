const MAX = 5_000

/** Which versions of rows were seen already; forgets those seen longest ago. */
export class Seen {
  private readonly versions = new Map<string, string>()

  /** The rows that are new or other than when they were seen; they count as seen from now on. */
  changed<Row extends { id: string; version: string }>(rows: readonly Row[]): Row[] {
    const changed = rows.filter(({ id, version }) => this.versions.get(id) !== version)
    for (const { id, version } of rows) {
      this.versions.delete(id)
      this.versions.set(id, version)
    }
    for (const id of this.versions.keys()) {
      if (this.versions.size <= MAX) break
      this.versions.delete(id)
    }
    return changed
  }
}
