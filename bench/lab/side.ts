import type { Platform } from '../../src/domain/channel.js'
import { exposure } from '../../src/domain/caps/exposure.js'
import { emptySum, withHours, withQuantity } from '../../src/domain/rebalancing/decaying-sum.js'
import type { ChannelView } from '../../src/domain/rebalancing/rebalance-view.js'
import type { Demand, SalesRecord } from '../../src/domain/rebalancing/velocity.js'
import type { Link } from './model/link.js'
import type { Reading } from './model/platform-model.js'

/** From a sale until units sent in response are on sale; Eventbrite's buyers hold seats in carts first. */
const CORRECTION_MS: Record<Platform, number> = { EVENTBRITE: 65_500, LUMA: 5_300, MEETUP: 23_000 }

/** The service's view of one channel: sales from notices and caps from responses, both delayed. */
export class Side {
  desired: number
  confirmed: number
  /** The largest cap in flight or of unknown outcome; null: none. */
  unconfirmed: number | null = null
  sold = 0
  /**
   * What the platform showed as sold and in carts where that was above its cap; 0: it was not. Kept as the platform's
   * own count, since a cancellation we hear of may be one that this count had already left out.
   */
  private committed = 0
  gaveAt: number | null = null
  gotAt: number | null = null
  /** A read of its sales is under way. */
  readPending = false
  /** Since when it has had something to sell; null: it has not. */
  private openedAt: number | null = 0
  /** Up to when its sales are known. */
  private readAt: number | null = null
  private salesSeen: Omit<SalesRecord, 'weight'> = { sold: emptySum(0), hours: emptySum(0) }

  constructor(
    readonly platform: Platform,
    readonly link: Link,
    cap: number,
  ) {
    this.desired = cap
    this.confirmed = cap
  }

  /** Tickets that open carts may still sell above the confirmed cap. */
  get pending(): number {
    return Math.max(0, this.committed - this.sold)
  }

  /** Units reserved for the channel: its exposure, and units already assigned to it. */
  reserved(): number {
    const { confirmed: confirmedCap, unconfirmed: unconfirmedCap, sold, pending } = this
    return Math.max(this.desired, exposure({ confirmedCap, unconfirmedCap, sold, pending }))
  }

  get record(): SalesRecord {
    return { ...this.salesSeen, weight: 1 }
  }

  /** Records a notice of `delta` tickets sold (or, below 0, cancelled) at `at`. A cancellation is not evidence of weak demand. */
  learn(delta: number, at: number, now: number): void {
    this.sold += delta
    const sold = withQuantity(this.salesSeen.sold, { at, quantity: Math.max(0, delta) })
    this.salesSeen = { ...this.salesSeen, sold }
    this.noteStock(now)
  }

  /** Its sales are known up to `until`: only such time counts. */
  read(until: number): void {
    if (until <= (this.readAt ?? -1)) return
    if (this.openedAt !== null) {
      const from = Math.max(this.openedAt, this.readAt ?? 0)
      this.salesSeen = { ...this.salesSeen, hours: withHours(this.salesSeen.hours, { from, until }) }
    }
    this.readAt = until
  }

  confirm({ cap, sold, pending }: Reading, now: number): void {
    this.confirmed = cap
    this.desired = cap
    this.unconfirmed = null
    this.committed = sold + pending > cap ? sold + pending : 0
    this.noteStock(now)
  }

  view(now: number, { perHour: velocityPerHour, evidence }: Demand): ChannelView {
    const { platform, desired: cap, confirmed: confirmedCap, sold, pending } = this
    const ago = (at: number | null) => (at === null ? null : now - at)
    return {
      id: platform,
      platform,
      cap,
      confirmedCap,
      sold,
      pending,
      velocityPerHour,
      evidence,
      weight: 1,
      msSinceOpened: ago(this.openedAt),
      msSinceRead: ago(this.readAt),
      open: true,
      confirmed: this.unconfirmed === null,
      writableInMs: this.link.writableInMs(),
      minCap: 1,
      msSinceDonated: ago(this.gaveAt),
      msSinceReceived: ago(this.gotAt),
      maxUnits: null,
      correctionMs: CORRECTION_MS[platform],
      waitlistPromotes: platform === 'MEETUP',
    }
  }

  private noteStock(now: number): void {
    const sells = this.sold + this.pending < this.confirmed
    if (sells === (this.openedAt !== null)) return
    // What it was on sale for until now counts once that is read; no more than that is known to have been on sale.
    if (!sells) this.read(now)
    this.openedAt = sells ? now : null
  }
}
