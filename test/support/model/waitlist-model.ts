import type { RunClock } from './model-run.js'
import type { StockModel } from './stock-model.js'

export interface ModelEntry {
  id: string
  /** In lower case. */
  address: string
  quantity: number
  state: 'WAITING' | 'OFFERED' | 'CONFIRMED' | 'LAPSED' | 'LEFT'
  leaveToken: string
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

const OFFER_TTL_SECONDS = 6 * 3_600

/** The waitlist by the contract: in queue order, one offer at a time and per address, no unit twice. */
export class WaitlistModel {
  readonly entries: ModelEntry[] = []
  /** Holds of a customer, who competes for the same tickets. */
  readonly holds: { id: string; quantity: number }[] = []

  constructor(
    readonly stock: StockModel,
    readonly clock: RunClock,
  ) {}

  join({ id, leaveToken }: { id: string; leaveToken: string }, address: string, quantity: number): void {
    const joinedAt = this.clock.now
    this.entries.push({ id, leaveToken, address, quantity, joinedAt, state: 'WAITING', offer: null })
  }

  offer(entry: ModelEntry): void {
    const { now } = this.clock
    this.stock.hold(entry.quantity, 'DIRECT')
    entry.state = 'OFFERED'
    entry.offer = { state: 'HELD', offeredAt: now, expiresAt: now + OFFER_TTL_SECONDS * 1_000 }
  }

  /** Offers to each entry, in queue order, that the free tickets suffice for. */
  offerAutomatically(): void {
    for (const entry of this.entries) {
      if (this.isEligible(entry) && this.stock.direct >= entry.quantity) this.offer(entry)
    }
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
    return this.entries.map(({ id, quantity, state }) => {
      const isQueued = state === 'WAITING' || state === 'OFFERED'
      return { id, quantity, state, position: isQueued ? ++position : null }
    })
  }

  /** An address with several entries gets one offer, and another one only for an entry that is newer than its last offer. */
  private isEligible(entry: ModelEntry): boolean {
    return (
      entry.state === 'WAITING' &&
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
