import { post, Problem, type Schemas } from '../../api/client'
import { deviceId } from './device-id'
import type { QueuedCheckIn } from './queue'

/** As many as one request takes. */
export const BATCH = 500

export type Answer = Pick<Schemas['CheckInResultDto'], 'ticketId' | 'name' | 'checkedInAt' | 'detail'> & {
  status: number
  first?: boolean
}

/**
 * What the service says to each of these check-ins of one event, in their order. Sent again after a lost response they count
 * once: the device and the time are the same. Rejects when there is no answer.
 */
export async function deliver(eventId: string, entries: readonly QueuedCheckIn[]): Promise<Answer[]> {
  const items = entries.map(({ code, ticketId, at }) => ({
    ...(code === undefined ? { ticketId: ticketId ?? '' } : { code }),
    at,
    deviceId: deviceId(),
  }))
  try {
    const answer = await post('/api/v1/events/{id}/check-ins', { path: { id: eventId }, body: { items } })
    return answer && 'items' in answer ? answer.items : []
  } catch (error) {
    if (!(error instanceof Problem && error.status === 400)) throw error
    // One that the service cannot read must not keep the others here.
    const middle = entries.length >> 1
    if (middle === 0) return [{ status: error.status, detail: error.message }]
    return [...(await deliver(eventId, entries.slice(0, middle))), ...(await deliver(eventId, entries.slice(middle)))]
  }
}
