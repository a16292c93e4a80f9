/** So many are remembered, the oldest going first. */
const MAX = 10_000

/** Orders that turned out to be of events that no channel sells, with their event: repeated deliveries cost no call. */
export class ForeignOrders {
  private readonly events = new Map<string, string>()

  add(order: string, externalEventId: string): void {
    this.events.delete(order)
    this.events.set(order, externalEventId)
    const [oldest] = this.events.keys()
    if (this.events.size > MAX && oldest !== undefined) this.events.delete(oldest)
  }

  /** The event of an order; null: nothing is known of it. */
  eventOf(order: string): string | null {
    return this.events.get(order) ?? null
  }
}
