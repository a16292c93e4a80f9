import type { Platform } from '../../src/domain/channel.js'
import { exposure } from '../../src/domain/exposure.js'
import type { ChannelView } from '../../src/domain/rebalance-view.js'
import { observed, openedAt, type VelocityState } from '../../src/domain/velocity.js'
import type { Link } from './link.js'
import type { Reading } from './platform-model.js'

/** What the traffic police knows of one channel. It learns of sales by notices and of caps by answers, both late. */
export class Side {
  wanted: number
  confirmed: number
  /** The largest cap in flight or of unknown outcome; null: none. */
  unsettled: number | null = null
  sold = 0
  /**
   * What the platform showed as sold and in carts where that was above its cap; 0: it was not. Kept as the platform's
   * own count, since a cancellation we hear of may be one that this count had already left out.
   */
  private committed = 0
  gaveAt: number | null = null
  gotAt: number | null = null
  velocity: VelocityState = openedAt(0)

  constructor(
    readonly platform: Platform,
    readonly link: Link,
    cap: number,
  ) {
    this.wanted = cap
    this.confirmed = cap
  }

  /** Tickets that open carts may still sell above the confirmed cap. */
  get pending(): number {
    return Math.max(0, this.committed - this.sold)
  }

  /** What the pool has to set aside: the exposure rule, and what is already promised to the channel. */
  reserved(): number {
    const { confirmed: confirmedCap, unsettled: unsettledCap, sold, pending } = this
    return Math.max(this.wanted, exposure({ confirmedCap, unsettledCap, sold, pending }))
  }

  /** Takes news of `delta` tickets sold (or, below 0, cancelled) at `at`. */
  learn(delta: number, at: number, now: number): void {
    this.sold += delta
    this.velocity = observed(this.velocity, { at, delta })
    this.noteStock(now)
  }

  confirm({ cap, sold, pending }: Reading, now: number): void {
    this.confirmed = cap
    this.wanted = cap
    this.unsettled = null
    this.committed = sold + pending > cap ? sold + pending : 0
    this.noteStock(now)
  }

  view(now: number, velocityPerHour: number): ChannelView {
    const { platform: channel, wanted: cap, confirmed: confirmedCap, sold, pending } = this
    const ago = (at: number | null) => (at === null ? null : now - at)
    return {
      channel,
      cap,
      confirmedCap,
      sold,
      pending,
      velocityPerHour,
      open: true,
      settled: this.unsettled === null,
      writableInMs: this.link.writableInMs(),
      minCap: 1,
      gaveMsAgo: ago(this.gaveAt),
      gotMsAgo: ago(this.gotAt),
      waitlistPromotes: channel === 'MEETUP',
    }
  }

  private noteStock(now: number): void {
    this.velocity = observed(this.velocity, { at: now, sells: this.sold + this.pending < this.confirmed })
  }
}
