interface Version<T> {
  at: number
  /** Undefined: it did not exist, or was removed. */
  value: T | undefined
}

/**
 * Stores versions of values, so that reads can be served as of `readLagMs` ago. Keys keep the order in which they were
 * first recorded. Values are copied, so later changes of the original have no effect.
 */
export class History<T> {
  private readonly versions = new Map<string, Version<T>[]>()

  /** `retentionMs`: the longest read lag that can be served. */
  constructor(private readonly retentionMs = 600_000) {}

  /** Call after each change; `value` undefined for a removal. */
  record(key: string, at: number, value: T | undefined): void {
    const versions = this.versions.get(key) ?? []
    this.versions.set(key, versions)
    versions.push({ at, value: structuredClone(value) })
    // The newest version that is older than the retention is still in force then. Searched from the old end: it is close.
    const firstNeeded = versions.findIndex((version) => version.at > at - this.retentionMs) - 1
    if (firstNeeded > 0) versions.splice(0, firstNeeded)
  }

  /** As of an instant, ms since the epoch. The caller must not modify it. */
  get(key: string, at: number): T | undefined {
    return this.versions.get(key)?.findLast((version) => version.at <= at)?.value
  }

  /** All values that existed at that instant. */
  list(at: number): T[] {
    return [...this.versions.keys()].map((key) => this.get(key, at)).filter((value) => value !== undefined)
  }
}
