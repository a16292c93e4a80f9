import { capacityOf, reservedOf, isTiered, pendingOf, soldOf, takenOf } from './capacity.js'
import { badArgument, notFound, rejection } from '../errors.js'
import { eventDescription } from './event-description.js'
import type { EventStatus, Hold, SimulatedEvent, TicketClass } from './model.js'
import type { Sales } from './sales.js'
import type { EventbriteState } from './state.js'
import type { ChangePublisher } from '../webhooks.js'

type Fields = Record<string, unknown>

/** Organizers' changes of what is on sale, under Eventbrite's rules. Every method applies all or nothing. */
export class Organizer {
  constructor(
    private readonly state: EventbriteState,
    private readonly sales: Sales,
    private readonly publisher: ChangePublisher,
  ) {}

  updateClass(eventId: string, classId: string, fields: Fields): TicketClass {
    const event = this.state.event(eventId)
    const ticketClass = this.state.ticketClass(event, classId)
    const changes: Partial<TicketClass> = {}
    for (const [name, value] of Object.entries(fields))
      Object.assign(changes, this.classChange(ticketClass, name, value))
    this.checkSaleTimes(event, { ...ticketClass, ...changes }, 'salesEnd' in changes)
    Object.assign(ticketClass, changes)
    this.finish(event, classId, 'ticket class updated')
    return ticketClass
  }

  /** `capacity` of the event itself, its name and times. */
  updateEvent(eventId: string, fields: Fields): SimulatedEvent {
    const event = this.state.event(eventId)
    const description = eventDescription(event, fields)
    if (fields.capacity !== undefined) event.capacityTotal = this.newTotal(event, fields.capacity, event.holds)
    Object.assign(event, description)
    this.finish(event, null, 'event updated')
    return event
  }

  updateCapacityTier(eventId: string, fields: Fields): SimulatedEvent {
    const event = this.state.event(eventId)
    if (isTiered(event)) {
      throw rejection(400, 'UNSUPPORTED_OPERATION', 'This event uses tiered inventory: update its inventory tiers')
    }
    const unknown = Object.keys(fields).find((name) => name !== 'capacity_total' && name !== 'holds')
    if (unknown !== undefined) throw badArgument(`capacity_tier.${unknown}`, 'UNKNOWN')
    const holds = fields.holds === undefined ? event.holds : this.newHolds(event, fields.holds)
    const { capacity_total: total } = fields
    const capacityTotal = total === undefined ? event.capacityTotal : this.newTotal(event, total, holds)
    const capacity = capacityOf({ ...event, capacityTotal })
    const reserved = reservedOf({ ...event, holds })
    if (reserved > Math.max(0, capacity - soldOf(event) - pendingOf(event))) {
      throw rejection(
        400,
        'HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY',
        'Hold quantities exceed the remaining capacity',
      )
    }
    Object.assign(event, { capacityTotal, holds })
    this.finish(event, null, 'capacity tier updated')
    return event
  }

  updateInventoryTier(eventId: string, tierId: string, fields: Fields): SimulatedEvent {
    const event = this.state.event(eventId)
    const tier = event.tiers.find(({ id }) => id === tierId)
    if (tier === undefined) throw notFound('inventory tier')
    const total = fields.quantity_total
    if (!isCount(total) || total === 0) throw badArgument('inventory_tier.quantity_total')
    const taken = event.classes.filter(({ inventoryTierId }) => inventoryTierId === tierId).map(takenOf)
    if (total < taken.reduce((sum, count) => sum + count, 0)) this.rejectBelowSold('inventory_tier.quantity_total')
    tier.quantityTotal = total
    this.finish(event, null, 'inventory tier updated')
    return event
  }

  /** Only without orders: `CANNOT_CANCEL`. */
  cancelEvent(eventId: string): void {
    const event = this.state.event(eventId)
    if (event.status === 'canceled') throw rejection(400, 'ALREADY_CANCELED', 'This event has already been canceled')
    if (soldOf(event) + pendingOf(event) > 0) {
      throw rejection(400, 'CANNOT_CANCEL', 'The event has pending or completed sales of tickets')
    }
    this.setStatus(eventId, 'canceled')
  }

  setStatus(eventId: string, status: EventStatus): void {
    const event = this.state.event(eventId)
    event.status = status
    event.changed = this.state.platformNow()
    this.state.commit(event, `event ${status}`)
    this.publisher.eventUpdated(event, null)
  }

  private finish(event: SimulatedEvent, classId: string | null, cause: string): void {
    event.changed = this.state.platformNow()
    this.state.commit(event, cause, true)
    if (this.state.ports.toggles.current.evictCartsOnShrink === 'yes') this.sales.evictExcessCarts(event)
    if (this.state.ports.toggles.current.echoOwnWrites === 'yes') this.publisher.eventUpdated(event, classId)
  }

  private classChange(ticketClass: TicketClass, name: string, value: unknown): Partial<TicketClass> {
    if (name === 'capacity') return { capacity: this.newClassCapacity(ticketClass, value) }
    if (name === 'hidden' && typeof value === 'boolean') {
      if (value && this.state.ports.toggles.current.hidingRefused === 'yes') throw badArgument('ticket_class.hidden')
      return { hidden: value }
    }
    if (name === 'sales_end' || name === 'sales_start') {
      const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
      if (Number.isNaN(instant)) throw badArgument(`ticket_class.${name}`)
      return name === 'sales_end' ? { salesEnd: instant } : { salesStart: instant }
    }
    if (name === 'sales_channels' && Array.isArray(value)) return { salesChannels: value.map(String) }
    if (name === 'name' && typeof value === 'string') return { name: value }
    if (name === 'minimum_quantity' && isCount(value)) return { minimumQuantity: value }
    if (name === 'maximum_quantity' && isCount(value)) return { maximumQuantity: value }
    const isKnown = ['hidden', 'sales_channels', 'name', 'minimum_quantity', 'maximum_quantity'].includes(name)
    throw badArgument(`ticket_class.${name}`, isKnown ? 'INVALID' : 'UNKNOWN')
  }

  private checkSaleTimes(event: SimulatedEvent, { salesStart, salesEnd }: TicketClass, endChanged: boolean): void {
    const { earlySalesEnd } = this.state.ports.toggles.current
    if (!endChanged || salesEnd === null || earlySalesEnd === 'any') return
    const earliest = earlySalesEnd === 'afterStart' ? (salesStart ?? -Infinity) : event.created
    if (earlySalesEnd === 'never' ? salesEnd <= this.state.platformNow() : salesEnd < earliest) {
      throw badArgument('ticket_class.sales_end')
    }
  }

  /** 0 and null: no limit of its own for donation and tiered classes, rejected for all others. */
  private newClassCapacity(ticketClass: TicketClass, value: unknown): number | null {
    const field = 'ticket_class.capacity'
    if (value === null || value === 0) {
      if (ticketClass.donation || ticketClass.inventoryTierId !== null) return null
      throw badArgument(field)
    }
    if (!isCount(value)) throw badArgument(field)
    const { classCountsCarts } = this.state.ports.toggles.current
    if (value < (classCountsCarts === 'yes' ? takenOf(ticketClass) : ticketClass.sold)) this.rejectBelowSold(field)
    return value
  }

  private rejectBelowSold(field: string): void {
    if (this.state.ports.toggles.current.capacityBelowSold === 'reject') throw badArgument(field)
  }

  private newTotal(event: SimulatedEvent, value: unknown, holds: Hold[]): number | null {
    const { capacityTotalZero, capacityBelowSold } = this.state.ports.toggles.current
    if (value === null) {
      if (holds.length > 0) throw badArgument('capacity_tier.capacity_total')
      return null
    }
    if (!isCount(value)) throw badArgument('capacity_tier.capacity_total')
    if (value === 0 && capacityTotalZero === 'reject') throw badArgument('capacity_tier.capacity_total')
    if (value === 0 && capacityTotalZero === 'unlimited') return Infinity
    if (value < soldOf(event) + pendingOf(event) && capacityBelowSold === 'reject') {
      throw rejection(400, 'CAPACITY_TOTAL_TOO_SMALL', 'Capacity total is too small for oversold quantities')
    }
    return value
  }

  /** Holds are created by name and quantity, changed and deleted by id. */
  private newHolds(event: SimulatedEvent, value: unknown): Hold[] {
    if (!Array.isArray(value) || this.state.ports.toggles.current.holdsRefused === 'yes') {
      throw badArgument('capacity_tier.holds')
    }
    let holds = [...event.holds]
    for (const item of value as unknown[]) {
      const { id, name, quantity_total: quantityTotal, is_deleted: deleted } = (item ?? {}) as Fields
      const existing = holds.find((hold) => hold.id === id)
      if (id !== undefined && existing === undefined) throw badArgument('capacity_tier.holds.id')
      if (deleted === true) {
        holds = holds.filter((hold) => hold !== existing)
        continue
      }
      if (!isCount(quantityTotal)) throw badArgument('capacity_tier.holds.quantity_total')
      if (existing === undefined && typeof name !== 'string') throw badArgument('capacity_tier.holds.name', 'MISSING')
      const hold = existing ?? { id: this.state.ids.next('hold'), name: String(name), quantityTotal }
      holds = [...holds.filter((other) => other !== existing), { ...hold, quantityTotal }]
    }
    return holds
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
