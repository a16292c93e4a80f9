/** JSON schemas of the control routes' input: anything else is rejected with 400 and the field's name. */
const text = { type: 'string', minLength: 1 }
const count = { type: 'integer', minimum: 0, maximum: 1_000_000 }
const texts = { type: 'array', items: text, maxItems: 1_000 }

function shape(properties: Record<string, unknown>, required: string[] = []) {
  return { body: { type: 'object', properties, required } }
}

const ticketClass = {
  type: 'object',
  required: ['capacity'],
  properties: {
    id: text,
    name: text,
    capacity: { ...count, nullable: true },
    donation: { type: 'boolean' },
    costCents: count,
    hidden: { type: 'boolean' },
    salesEnd: text,
    tier: count,
    minimumQuantity: count,
    maximumQuantity: count,
  },
}

export const EVENT = shape({
  id: text,
  name: text,
  capacity: count,
  capacityTotal: count,
  classes: { type: 'array', items: ticketClass, minItems: 1, maxItems: 200 },
  tiers: {
    type: 'array',
    maxItems: 200,
    items: { type: 'object', required: ['quantityTotal'], properties: { id: text, name: text, quantityTotal: count } },
  },
  start: text,
  end: text,
  venue: text,
  txTimeLimitSeconds: count,
  waitlistEnabled: { type: 'boolean' },
  seriesParent: { type: 'boolean' },
})

const person = { type: 'object', required: ['name', 'email'], properties: { name: text, email: text } }

export const EDIT = shape({ ticketClassId: text, fields: { type: 'object' } }, ['fields'])
export const STATUS = shape({ status: text }, ['status'])
export const WAITLIST_ENTRY = shape({ name: text, email: text, quantity: { ...count, minimum: 1 } }, ['name', 'email'])
export const CART = shape({ quantity: count, ticketClassId: text, buyer: person }, ['quantity'])
export const REFUND = shape({ attendeeIds: texts, moneyOnly: { type: 'boolean' } })
export const WEBHOOK = shape({ url: text, actions: texts, eventId: text }, ['url'])
export const SPENT_CALLS = shape({ calls: count }, ['calls'])
