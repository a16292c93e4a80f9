import { post, Problem, type Schemas } from '../../api/client'
import { deviceId } from './device-id'
import type { QueuedCheckIn, QueuedWalkIn } from './queue'

/** As many as one request takes. */
export const BATCH = 500
/** Statuses that the same request would get again. */
const REFUSED: ReadonlySet<number> = new Set([400, 409, 422])

export type CheckInResult = Pick<Schemas['CheckInResultDto'], 'ticketId' | 'name' | 'checkedInAt' | 'detail'> & {
  status: number
  first?: boolean
}

/**
 * The service's result for each of these check-ins of one event, in their order. Sent again after a lost response they count
 * once: the device and the time are the same. Rejects without a response.
 */
export async function deliver(eventId: string, entries: readonly QueuedCheckIn[]): Promise<CheckInResult[]> {
  const items = entries.map(({ code, ticketId, at }) => ({
    ...(code === undefined ? { ticketId: ticketId ?? '' } : { code }),
    at,
    deviceId: deviceId(),
  }))
  try {
    const result = await post('/api/v1/events/{id}/check-ins', { path: { id: eventId }, body: { items } })
    return result && 'items' in result ? result.items : []
  } catch (error) {
    if (!(error instanceof Problem && error.status === 400)) throw error
    // One that the service cannot read must not keep the others here.
    const middle = entries.length >> 1
    if (middle === 0) return [{ status: error.status, detail: error.message }]
    return [...(await deliver(eventId, entries.slice(0, middle))), ...(await deliver(eventId, entries.slice(middle)))]
  }
}

/**
 * Counts people who came without a ticket. Sent again with the same key they count once. Resolves with null, or with why the
 * service will never count them; rejects without a response.
 */
export async function deliverWalkIn({ eventId, quantity, at, key }: QueuedWalkIn): Promise<string | null> {
  const body = { quantity, from: 'COUNT' as const, at, deviceId: deviceId() }
  try {
    await post('/api/v1/events/{id}/walk-ins', { path: { id: eventId }, body, idempotencyKey: key })
    return null
  } catch (error) {
    if (error instanceof Problem && REFUSED.has(error.status)) return error.message
    throw error
  }
}

/** Sells tickets from the safety stock to people at the door, who are in at once. Not without a connection: there may be none left. */
export async function sellToWalkIn(eventId: string, quantity: number, key: string): Promise<void> {
  const body = { quantity, from: 'SAFETY' as const, deviceId: deviceId() }
  await post('/api/v1/events/{id}/walk-ins', { path: { id: eventId }, body, idempotencyKey: key })
}
