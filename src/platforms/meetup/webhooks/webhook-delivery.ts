import { decodeOrNull } from '../../kit/outcomes.js'
import { parseJson } from '../../../infrastructure/text/parse-json.js'
import type { Hint } from '../../port.js'
import { isObject, requireId, requireObject } from '../../kit/response-shape.js'
import { toOrderSnapshot } from '../orders/order-mapping.js'

const CHANGED = 'rsvp.changed'

/**
 * Parses the delivery of a bridge: `{type, data: {eventId, rsvp?}}`. With an RSVP it is a hint for that order, otherwise
 * a hint to poll the event. Null: not a delivery of a bridge.
 */
export function parseDelivery(body: Buffer): Hint[] | null {
  const json = parseJson(body)
  if (!isObject(json) || typeof json['type'] !== 'string' || !isObject(json['data'])) return null
  if (json['type'] !== CHANGED)
    return [{ kind: 'NONE', reason: `event type ${json['type'].slice(0, 100)} does not concern RSVPs` }]
  const { eventId, rsvp } = json['data']
  return decodeOrNull((): Hint[] => {
    const externalEventId = requireId(eventId, 'data.eventId')
    if (rsvp === undefined || rsvp === null) return [{ kind: 'EVENT', externalEventId }]
    const snapshot = toOrderSnapshot(requireObject(rsvp, 'data.rsvp'), externalEventId)
    return [{ kind: 'ORDER', orderId: snapshot.orderId, externalEventId, snapshot }]
  })
}
