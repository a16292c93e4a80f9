interface Version<T> {
  at: number
  /** Undefined: it did not exist (any more). */
  value: T | undefined
}

/**
 * Remembers how things looked, so that reads can be served as of `readLagMs` ago. Keys keep the order in which they
 * first came. Values are copied in, so later changes to the original do not show.
 */
export class History<T> {
  private readonly versions = new Map<string, Version<T>[]>()

  /** `keepMs`: the longest lag that can be asked for. */
  constructor(private readonly keepMs = 600_000) {}

  /** Call after each change; `value` undefined for a removal. */
  record(key: string, at: number, value: T | undefined): void {
    const versions = this.versions.get(key) ?? []
    this.versions.set(key, versions)
    versions.push({ at, value: structuredClone(value) })
    // The newest version that is older than anything asked for is still needed. Looked for from the old end: it is near.
    const firstNeeded = versions.findIndex((version) => version.at > at - this.keepMs) - 1
    if (firstNeeded > 0) versions.splice(0, firstNeeded)
  }

  /** As of an instant, ms since the epoch. Not to be changed by the caller. */
  get(key: string, at: number): T | undefined {
    return this.versions.get(key)?.findLast((version) => version.at <= at)?.value
  }

  /** Everything that existed at that instant. */
  list(at: number): T[] {
    return [...this.versions.keys()].map((key) => this.get(key, at)).filter((value) => value !== undefined)
  }
}
