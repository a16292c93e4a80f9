import type { BackgroundTasks, Clock, Knobs, Random } from '../kit/index.js'
import type { Admission } from './admission.js'
import type { Book } from './book.js'
import { isSeated, type EventRecord } from './model.js'

/** People beside those whom a test sends: payers who hold a seat, and waiters who are quicker than anyone looks. */
export class Crowd {
  private readonly carts = new Map<string, Set<string>>()

  constructor(
    private readonly ports: { knobs: Knobs; random: Random; clock: Clock; tasks: BackgroundTasks },
    private readonly book: Book,
    private readonly admission: Admission,
  ) {}

  /** Keeps `cartHold` seats of each paid event in unpaid RSVPs. */
  keepCarts(): void {
    for (const event of this.book.events()) if (event.feeRequired) this.keep(event)
  }

  /** Seats came free: now and then someone is waiting for just that. */
  freed(event: EventRecord): void {
    if (event.rsvpsClosed || event.feeRequired || event.status !== 'ACTIVE') return
    if (this.ports.random.chance(this.ports.knobs.current.waitlistPromotion)) this.admission.rsvp(event.id, {})
  }

  /** An unpaid RSVP gives its seat back after the lapse, if any. */
  lapseLater(rsvpId: string): void {
    const { paymentLapse } = this.book.ports.toggles.current
    if (paymentLapse === 0) return
    this.ports.tasks.start(async (signal) => {
      await this.ports.clock.sleep(paymentLapse, signal)
      if (!signal.aborted && this.isUnpaid(rsvpId)) this.admission.cancel(rsvpId)
    })
  }

  private keep(event: EventRecord): void {
    const carts = this.carts.get(event.token) ?? new Set<string>()
    this.carts.set(event.token, carts)
    for (const id of carts) if (!this.isUnpaid(id)) carts.delete(id)
    const wanted = this.ports.knobs.current.cartHold
    for (const id of [...carts].slice(wanted)) {
      this.admission.cancel(id)
      carts.delete(id)
    }
    while (carts.size < wanted) {
      const answer = this.admission.rsvp(event.id, { unpaid: true })
      if (answer.rsvpId === null) return
      carts.add(answer.rsvpId)
    }
  }

  private isUnpaid(rsvpId: string): boolean {
    const { rsvp } = this.book.rsvp(rsvpId)
    return isSeated(rsvp) && rsvp.status === 'YES_PENDING_PAYMENT'
  }
}
