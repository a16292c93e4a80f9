import type { RunClock } from './model-run.js'
import type { StockModel } from './stock-model.js'

export interface ModelEntry {
  id: string
  /** In lower case. */
  address: string
  quantity: number
  state: 'WAITING' | 'OFFERED' | 'CONFIRMED' | 'LAPSED' | 'LEFT'
  leaveToken: string
  isVerified: boolean
  /** ms */
  joinedAt: number
  /** Null: never offered. */
  offer: ModelOffer | null
}

/** The hold of an offer. */
export interface ModelOffer {
  state: 'HELD' | 'CONFIRMED' | 'RELEASED' | 'EXPIRED'
  /** ms */
  offeredAt: number
  /** ms */
  expiresAt: number
}

const isQueued = ({ state }: ModelEntry) => state === 'WAITING' || state === 'OFFERED'

const OFFER_TTL_SECONDS = 6 * 3_600

/**
 * The waitlist by the contract: in queue order, one offer at a time and per address, no unit twice; where mails are
 * sent, offers to verified addresses only; automatic ones only of what becomes free after a sell-out.
 */
export class WaitlistModel {
  readonly entries: ModelEntry[] = []
  private isSoldOut = false
  /** Holds of a customer, who competes for the same tickets. */
  readonly holds: { id: string; quantity: number }[] = []

  constructor(
    readonly stock: StockModel,
    readonly clock: RunClock,
    private readonly sendsMails: boolean,
  ) {}

  join({ id, leaveToken }: { id: string; leaveToken: string }, address: string, quantity: number): void {
    const joinedAt = this.clock.now
    this.entries.push({ id, leaveToken, address, quantity, joinedAt, isVerified: false, state: 'WAITING', offer: null })
  }

  offer(entry: ModelEntry): void {
    const { now } = this.clock
    this.hold(entry.quantity)
    entry.state = 'OFFERED'
    entry.offer = { state: 'HELD', offeredAt: now, expiresAt: now + OFFER_TTL_SECONDS * 1_000 }
  }

  /** Offers to each entry, in queue order, that the free tickets suffice for; the rest is on general sale. */
  offerAutomatically(isAutomatic: boolean): void {
    if (!this.isSoldOut) return
    for (const entry of isAutomatic ? this.entries : []) {
      if (this.isEligible(entry) && this.stock.direct >= entry.quantity) this.offer(entry)
    }
    if (this.stock.direct > 0) this.isSoldOut = false
  }

  hold(quantity: number): void {
    this.stock.hold(quantity, 'DIRECT')
    if (this.stock.direct === 0) this.isSoldOut = true
  }

  /** False: it is no longer queued. */
  move(entry: ModelEntry, position: number): boolean {
    if (entry.state !== 'WAITING') return false
    const queue = this.entries.filter(isQueued)
    const order = queue.filter((other) => other !== entry)
    order.splice(position - 1, 0, entry)
    const places = queue.map((queued) => this.entries.indexOf(queued))
    places.forEach((place, index) => {
      const next = order[index]
      if (next) this.entries[place] = next
    })
    return true
  }

  expireIfOverdue(entry: ModelEntry): void {
    if (entry.offer?.state !== 'HELD' || entry.offer.expiresAt > this.clock.now) return
    this.end(entry, entry.offer, 'EXPIRED')
  }

  claim(entry: ModelEntry): void {
    this.expireIfOverdue(entry)
    if (entry.offer?.state !== 'HELD') return
    entry.offer.state = 'CONFIRMED'
    entry.state = 'CONFIRMED'
    this.stock.sellHeld(entry.quantity)
  }

  leave(entry: ModelEntry): void {
    this.expireIfOverdue(entry)
    if (entry.offer?.state === 'HELD') this.end(entry, entry.offer, 'RELEASED')
    if (entry.state !== 'CONFIRMED') entry.state = 'LEFT'
  }

  /** As staff see the queue: an entry has a position while it can still get its tickets. */
  view(): object[] {
    let position = 0
    return this.entries.map((entry) => {
      const { id, quantity, state, isVerified: emailVerified } = entry
      return { id, quantity, state, emailVerified, position: isQueued(entry) ? ++position : null }
    })
  }

  /** Where mails are sent, an offer is made to an address that is verified. */
  isReachable({ isVerified }: ModelEntry): boolean {
    return isVerified || !this.sendsMails
  }

  /** An address with several entries gets one offer, and another one only for an entry that is newer than its last offer. */
  private isEligible(entry: ModelEntry): boolean {
    return (
      entry.state === 'WAITING' &&
      this.isReachable(entry) &&
      !this.entries.some(
        ({ address, state, offer }) =>
          address === entry.address &&
          (state === 'OFFERED' ||
            ((state === 'CONFIRMED' || state === 'LAPSED') && (offer?.offeredAt ?? 0) >= entry.joinedAt)),
      )
    )
  }

  private end(entry: ModelEntry, offer: ModelOffer, state: 'RELEASED' | 'EXPIRED'): void {
    offer.state = state
    entry.state = 'LAPSED'
    this.stock.giveBack(entry.quantity, 'DIRECT')
  }
}
