import type { EventOptions, TicketTypeOptions } from '../state/create-event.js'
import { LumaError } from '../errors.js'
import { Input } from '../api/input.js'
import type { Registration } from '../state/sales.js'

/** @throws LumaError 400 */
export function registration(input: Input): Registration {
  const quantity = input.integer('quantity') ?? 1
  if (quantity < 1 || quantity > 100) throw new LumaError(400, 'quantity must be from 1 to 100')
  const ticketTypeId = input.optionalText('ticketTypeId')
  const email = input.optionalText('email')
  const name = input.optionalText('name')
  return {
    eventId: input.text('eventId'),
    quantity,
    ...(ticketTypeId === undefined ? {} : { ticketTypeId }),
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  }
}

/** @throws LumaError 400 */
export function eventOptions(input: Input): EventOptions {
  const types = input.list('ticketTypes')
  const event: EventOptions = { maxCapacity: input.integer('maxCapacity') ?? null }
  event.id = input.optionalText('id')
  event.name = input.optionalText('name')
  event.waitlist = input.optionalChoice('waitlist', ['enabled', 'disabled'])
  event.multipleTickets = input.flag('multipleTickets')
  if (types) event.ticketTypes = types.map((type) => ticketTypeOptions(new Input(type)))
  return event
}

function ticketTypeOptions(input: Input): TicketTypeOptions {
  return {
    id: input.optionalText('id'),
    name: input.optionalText('name'),
    type: input.optionalChoice('type', ['free', 'paid']),
    cents: input.integer('cents'),
    maxCapacity: input.integer('maxCapacity'),
    requireApproval: input.flag('requireApproval'),
    isHidden: input.flag('isHidden'),
  }
}
