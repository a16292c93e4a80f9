import type { TicketType } from './model.js'
import type { Sim } from './sim.js'

/** Free and unlimited unless said otherwise. */
export function createTicketType(sim: Sim, fields: Partial<TicketType> = {}): TicketType {
  const paid = fields.type === 'paid'
  return {
    id: sim.ids.next('ticketType'),
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
