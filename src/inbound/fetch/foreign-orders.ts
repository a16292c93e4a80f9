/** Cache size; the oldest entry is evicted first. */
const MAX_ENTRIES = 10_000

/** Caches orders of events that no channel sells, with their event id, so that repeated deliveries cost no platform call. */
export class ForeignOrders {
  private readonly events = new Map<string, string>()

  add(orderKey: string, externalEventId: string): void {
    this.events.delete(orderKey)
    this.events.set(orderKey, externalEventId)
    const [oldest] = this.events.keys()
    if (this.events.size > MAX_ENTRIES && oldest !== undefined) this.events.delete(oldest)
  }

  /** The event id of a cached order, else null. */
  eventOf(orderKey: string): string | null {
    return this.events.get(orderKey) ?? null
  }
}
