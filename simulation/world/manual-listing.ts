/** A listing without an API, as it really is: a person sets its cap, and it sells no more than that. */
export class ManualListing {
  private capNow = 0
  private soldNow = 0
  /** What its keeper does: one task after another. */
  work: Promise<void> = Promise.resolve()

  constructor(
    readonly index: number,
    readonly eventId: string,
    readonly channelId: string,
    private readonly changed: () => void,
  ) {}

  get cap(): number {
    return this.capNow
  }

  get sold(): number {
    return this.soldNow
  }

  setCap(cap: number): void {
    this.capNow = cap
    this.changed()
  }

  /** False: fewer are left. */
  sell(tickets: number): boolean {
    if (this.soldNow + tickets > this.capNow) return false
    this.soldNow += tickets
    this.changed()
    return true
  }

  cancel(tickets: number): void {
    this.soldNow = Math.max(0, this.soldNow - tickets)
    this.changed()
  }
}
