import type { Hint } from '../port.js'
import { asId, asObject, ContractError, isObject } from './contract.js'
import { toSnapshot } from './rsvp-mapping.js'

const CHANGED = 'rsvp.changed'

/**
 * Reads what a bridge sent: `{type, data: {eventId, rsvp?}}`. With an RSVP it is that order; without, a hint to poll the
 * event. Null: no such body.
 */
export function parseDelivery(body: Buffer): Hint[] | null {
  const json = parseJson(body)
  if (!isObject(json) || typeof json['type'] !== 'string' || !isObject(json['data'])) return null
  if (json['type'] !== CHANGED)
    return [{ kind: 'NONE', why: `type ${json['type'].slice(0, 100)} tells nothing of RSVPs` }]
  const { eventId, rsvp } = json['data']
  try {
    const externalEventId = asId(eventId, 'data.eventId')
    if (rsvp === undefined || rsvp === null) return [{ kind: 'EVENT', externalEventId }]
    const snapshot = toSnapshot(asObject(rsvp, 'data.rsvp'), externalEventId)
    return [{ kind: 'ORDER', orderId: snapshot.orderId, externalEventId, snapshot }]
  } catch (error) {
    if (error instanceof ContractError) return null
    throw error
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
