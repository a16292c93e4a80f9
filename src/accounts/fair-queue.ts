const MAX_CLIENTS = 10_000

interface Entry<T> {
  client: string | null
  item: T
}

/**
 * A queue in which clients that were served least since it was empty come first, so that a newcomer does not wait behind any
 * number of busy clients; in order of arrival among equals.
 */
export class FairQueue<T> {
  private readonly entries: Entry<T>[] = []
  /** Items taken per client since the queue was empty; the least recently served first. */
  private readonly served = new Map<string, number>()

  constructor(private readonly maxWaiting: number) {}

  /** Client null is always served first. Returns the item that had to leave, of a client that was served most, or null. */
  add(client: string | null, item: T): T | null {
    this.entries.push({ client, item })
    return this.entries.length > this.maxWaiting ? this.removeBy((count, most) => count >= most) : null
  }

  /** Removes and returns the next item; null: none waits. */
  take(): T | null {
    if (this.entries.length === 0) this.served.clear()
    return this.removeBy((count, least) => count < least, true)
  }

  /** Removes the entry whose count is preferred over that of all before it. */
  private removeBy(isPreferred: (count: number, than: number) => boolean, serve = false): T | null {
    let chosen = 0
    for (let index = 1; index < this.entries.length; index++) {
      if (isPreferred(this.countOf(this.entries[index]), this.countOf(this.entries[chosen]))) chosen = index
    }
    const [entry] = this.entries.splice(chosen, 1)
    if (!entry) return null
    if (serve && entry.client !== null) this.countServed(entry.client)
    return entry.item
  }

  private countOf(entry: Entry<T> | undefined): number {
    return entry?.client === null || entry === undefined ? -1 : (this.served.get(entry.client) ?? 0)
  }

  private countServed(client: string): void {
    const count = (this.served.get(client) ?? 0) + 1
    this.served.delete(client)
    this.served.set(client, count)
    const [oldest] = this.served.keys()
    if (oldest !== undefined && this.served.size > MAX_CLIENTS) this.served.delete(oldest)
  }
}
