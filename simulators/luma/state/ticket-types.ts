import type { SimulatorContext } from './context.js'
import type { TicketType } from './model.js'

/** Free and unlimited by default. */
export function createTicketType(context: SimulatorContext, fields: Partial<TicketType> = {}): TicketType {
  const paid = fields.type === 'paid'
  return {
    id: context.ids.next('ticketType'),
    name: 'Standard',
    description: null,
    type: 'free',
    cents: paid ? 1_500 : null,
    currency: paid ? 'usd' : null,
    isFlexible: false,
    minCents: null,
    requireApproval: false,
    isHidden: false,
    validStartAt: null,
    validEndAt: null,
    maxCapacity: null,
    ...fields,
  }
}
