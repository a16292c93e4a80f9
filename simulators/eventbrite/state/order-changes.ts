import { roomFor } from './capacity.js'
import { badArgument, notFound } from '../errors.js'
import type { Attendee, Order, SimulatedEvent } from './model.js'
import type { Sales } from './sales.js'
import type { EventbriteState } from './state.js'
import type { ChangePublisher } from '../webhooks.js'

export interface RefundRequest {
  orderId: string
  /** Default: all that are still valid. */
  attendeeIds?: string[]
  /** `refund` cancels the seats and refunds them; `cancel` only cancels; `money` refunds and leaves the seats valid. */
  kind: 'refund' | 'cancel' | 'money'
}

/** The organizer's changes of orders in the dashboard: the API has no call for them. */
export class OrderChanges {
  constructor(
    private readonly state: EventbriteState,
    private readonly sales: Sales,
    private readonly publisher: ChangePublisher,
  ) {}

  /** Returns how many tickets are back on sale. */
  refund({ orderId, attendeeIds, kind }: RefundRequest): number {
    const order = this.state.orders.get(orderId)
    const attendees = this.state.attendees.get(orderId)
    if (order === undefined || attendees === undefined) throw notFound('order')
    const requested = attendeeIds ?? attendees.map(({ id }) => id)
    if (requested.some((id) => !attendees.some((attendee) => attendee.id === id))) throw badArgument('attendeeIds')
    const chosen = attendees.filter(({ id, cancelled }) => requested.includes(id) && !cancelled)
    if (chosen.length === 0) return 0
    const at = this.state.platformNow()
    const event = this.state.event(order.eventId)
    const changed = chosen.map((attendee) => ({ ...attendee, ...this.flagsOf(kind, attendee), changed: at }))
    const all = attendees.map((attendee) => changed.find(({ id }) => id === attendee.id) ?? attendee)
    this.state.saveAttendees(orderId, all)
    // As observed on the platform: an attendee's change may be newer than its order's.
    this.state.saveOrder({ ...order, status: this.statusOf(order, all) })
    const freed = kind === 'money' ? [] : changed
    for (const { classId } of freed) this.state.ticketClass(event, classId).sold -= 1
    this.state.commit(event, kind)
    this.publisher.orderUpdated(order, changed, kind !== 'cancel')
    this.promote(event, freed)
    return freed.length
  }

  /** Moves one valid ticket to another class of its event. @throws Rejection for unknown ids */
  moveTicket(orderId: string, attendeeId: string, classId: string): void {
    const { state } = this
    const order = state.orders.get(orderId)
    const attendees = state.attendees.get(orderId) ?? []
    const attendee = attendees.find(({ id, cancelled }) => id === attendeeId && !cancelled)
    if (order === undefined || attendee === undefined) throw notFound('attendee')
    const event = state.event(order.eventId)
    const target = state.ticketClass(event, classId)
    state.ticketClass(event, attendee.classId).sold -= 1
    target.sold += 1
    const changed = state.platformNow()
    const moved = { ...attendee, classId: target.id, className: target.name, changed }
    state.saveAttendees(
      orderId,
      attendees.map((other) => (other === attendee ? moved : other)),
    )
    state.saveOrder({ ...order, changed })
    state.commit(event, 'ticket moved')
    this.publisher.orderUpdated(order, [moved], false)
  }

  /** Valid tickets are checked in at the door, or out; the attendee changes, the order does not. */
  setCheckedIn(orderId: string, checkedIn: boolean, attendeeIds?: string[]): void {
    const { state } = this
    const order = state.orders.get(orderId)
    const attendees = state.attendees.get(orderId)
    if (order === undefined || attendees === undefined) throw notFound('order')
    const changed = state.platformNow()
    const isMeant = ({ id, cancelled }: Attendee) => !cancelled && (attendeeIds?.includes(id) ?? true)
    const all = attendees.map((attendee) => (isMeant(attendee) ? { ...attendee, checkedIn, changed } : attendee))
    state.saveAttendees(orderId, all)
    state.commit(state.event(order.eventId), checkedIn ? 'check in' : 'check out')
    this.publisher.checkedIn(all.filter(isMeant), checkedIn)
  }

  private flagsOf(kind: RefundRequest['kind'], { refunded }: Attendee): Pick<Attendee, 'cancelled' | 'refunded'> {
    if (kind === 'refund') return { cancelled: true, refunded: true }
    if (kind === 'cancel') return { cancelled: true, refunded }
    return { cancelled: false, refunded: this.state.ports.toggles.current.partialRefundSetsRefunded === 'yes' }
  }

  private statusOf(order: Order, attendees: Attendee[]): Order['status'] {
    if (this.state.ports.toggles.current.lateOrderStatuses === 'no') return order.status
    if (!attendees.every(({ cancelled }) => cancelled)) return order.status
    return attendees.every(({ refunded }) => refunded) ? 'refunded' : 'deleted'
  }

  /** Offers freed tickets to the waitlist in order, before they are back on sale. */
  private promote(event: SimulatedEvent, freed: Attendee[]): void {
    const { toggles, knobs, random } = this.state.ports
    const promotes = toggles.current.waitlistPromotion === 'offer' || random.chance(knobs.current.waitlistPromotion)
    if (!promotes || freed.length === 0) return
    for (const entry of this.state.waitlists.get(event.id) ?? []) {
      if (entry.state !== 'WAITING') continue
      const ticketClass = this.state.ticketClass(event, freed[0]?.classId)
      if (roomFor(event, ticketClass) < entry.quantity) return
      entry.state = 'OFFERED'
      this.sales.offer(event, ticketClass, { name: entry.name, email: entry.email }, entry.quantity)
    }
  }
}
