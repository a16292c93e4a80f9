const MAX_ROWS = 5_000

/** The last seen version of each row; evicts those seen longest ago. */
export class RowVersions {
  private readonly versions = new Map<string, string>()

  /** Returns the rows that are new or changed since they were last seen, and marks all as seen. */
  changed<Row extends { id: string; version: string }>(rows: readonly Row[]): Row[] {
    const changed = rows.filter(({ id, version }) => this.versions.get(id) !== version)
    for (const { id, version } of rows) {
      this.versions.delete(id)
      this.versions.set(id, version)
    }
    for (const id of this.versions.keys()) {
      if (this.versions.size <= MAX_ROWS) break
      this.versions.delete(id)
    }
    return changed
  }
}
