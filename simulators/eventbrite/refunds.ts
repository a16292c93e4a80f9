import type { BoxOffice } from './box-office.js'
import { roomFor } from './capacity.js'
import type { Announcer } from './hooks.js'
import type { Attendee, Order, SimulatedEvent } from './model.js'
import { badArgument, notFound } from './refusals.js'
import type { World } from './world.js'

export interface GiveBack {
  orderId: string
  /** Default: all of them that are still valid. */
  attendeeIds?: string[]
  /** `refund` cancels the seats and pays back; `cancel` only cancels; `money` pays back and leaves the seats valid. */
  kind: 'refund' | 'cancel' | 'money'
}

/** What only a person in the dashboard can do: the API has no call for it. */
export class Refunds {
  constructor(
    private readonly world: World,
    private readonly office: BoxOffice,
    private readonly announcer: Announcer,
  ) {}

  /** Answers how many tickets went back on sale. */
  giveBack({ orderId, attendeeIds, kind }: GiveBack): number {
    const order = this.world.orders.get(orderId)
    const attendees = this.world.attendees.get(orderId)
    if (order === undefined || attendees === undefined) throw notFound('order')
    const wanted = attendeeIds ?? attendees.map((one) => one.id)
    if (wanted.some((id) => !attendees.some((one) => one.id === id))) throw badArgument('attendeeIds')
    const chosen = attendees.filter((one) => wanted.includes(one.id) && !one.cancelled)
    if (chosen.length === 0) return 0
    const at = this.world.platformNow()
    const event = this.world.event(order.eventId)
    const changed = chosen.map((one) => ({ ...one, ...this.flagsOf(kind, one), changed: at }))
    const all = attendees.map((one) => changed.find((other) => other.id === one.id) ?? one)
    this.world.saveAttendees(orderId, all)
    // As seen on the platform: a seat's change may be newer than its order's.
    this.world.saveOrder({ ...order, status: this.statusOf(order, all) })
    const freed = kind === 'money' ? [] : changed
    for (const { classId } of freed) this.world.ticketClass(event, classId).sold -= 1
    this.world.commit(event, kind)
    this.announcer.givenBack(order, changed, kind !== 'cancel')
    this.promote(event, freed)
    return freed.length
  }

  private flagsOf(kind: GiveBack['kind'], { refunded }: Attendee): Pick<Attendee, 'cancelled' | 'refunded'> {
    if (kind === 'refund') return { cancelled: true, refunded: true }
    if (kind === 'cancel') return { cancelled: true, refunded }
    return { cancelled: false, refunded: this.world.ports.toggles.current.partialRefundSetsRefunded === 'yes' }
  }

  private statusOf(order: Order, attendees: Attendee[]): Order['status'] {
    if (this.world.ports.toggles.current.lateOrderStatuses === 'no') return order.status
    if (!attendees.every((one) => one.cancelled)) return order.status
    return attendees.every((one) => one.refunded) ? 'refunded' : 'deleted'
  }

  /** The first who wait get what was freed, before anyone else sees it. */
  private promote(event: SimulatedEvent, freed: Attendee[]): void {
    const { toggles, knobs, random } = this.world.ports
    const promoting = toggles.current.waitlistPromotion === 'offer' || random.chance(knobs.current.waitlistPromotion)
    if (!promoting || freed.length === 0) return
    for (const waiter of this.world.waiters.get(event.id) ?? []) {
      if (waiter.state !== 'WAITING') continue
      const ticketClass = this.world.ticketClass(event, freed[0]?.classId)
      if (roomFor(event, ticketClass) < waiter.quantity) return
      waiter.state = 'OFFERED'
      this.office.offer(event, ticketClass, { name: waiter.name, email: waiter.email }, waiter.quantity)
    }
  }
}
