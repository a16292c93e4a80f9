import type { BackgroundTasks, Clock, Knobs, Random } from '../../kit/index.js'
import { isSeated, type EventRecord } from './model.js'
import type { Sales } from './sales.js'
import type { MeetupState } from './state.js'

/** Members in addition to those of a test: some hold seats with unpaid RSVPs, some take freed seats immediately. */
export class BackgroundMembers {
  private readonly carts = new Map<string, Set<string>>()

  constructor(
    private readonly ports: { knobs: Knobs; random: Random; clock: Clock; tasks: BackgroundTasks },
    private readonly state: MeetupState,
    private readonly sales: Sales,
  ) {}

  /** Keeps `cartHold` unpaid RSVPs on each event with a fee. */
  topUpCarts(): void {
    for (const event of this.state.events()) if (event.feeRequired) this.topUp(event)
  }

  /** Called when seats were freed: a new member takes one, with the probability of `waitlistPromotion`. */
  seatsFreed(event: EventRecord): void {
    if (event.rsvpsClosed || event.feeRequired || event.status !== 'ACTIVE') return
    if (this.ports.random.chance(this.ports.knobs.current.waitlistPromotion)) this.sales.rsvp(event.id, {})
  }

  /** Cancels an unpaid RSVP after `paymentLapse`, if set. */
  scheduleLapse(rsvpId: string): void {
    const { paymentLapse } = this.state.ports.toggles.current
    if (paymentLapse === 0) return
    this.ports.tasks.start(async (signal) => {
      await this.ports.clock.sleep(paymentLapse, signal)
      if (!signal.aborted && this.isUnpaid(rsvpId)) this.sales.cancel(rsvpId)
    })
  }

  private topUp(event: EventRecord): void {
    const carts = this.carts.get(event.token) ?? new Set<string>()
    this.carts.set(event.token, carts)
    for (const id of carts) if (!this.isUnpaid(id)) carts.delete(id)
    const target = this.ports.knobs.current.cartHold
    for (const id of [...carts].slice(target)) {
      this.sales.cancel(id)
      carts.delete(id)
    }
    while (carts.size < target) {
      const result = this.sales.rsvp(event.id, { unpaid: true })
      if (result.rsvpId === null) return
      carts.add(result.rsvpId)
    }
  }

  private isUnpaid(rsvpId: string): boolean {
    const { rsvp } = this.state.rsvp(rsvpId)
    return isSeated(rsvp) && rsvp.status === 'YES_PENDING_PAYMENT'
  }
}
