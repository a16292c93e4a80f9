import { append, erase, loadAll } from './database'

interface Happened {
  /** Of the queue. */
  id: number
  eventId: string
  /** RFC 3339, in the service's time. */
  at: string
}
/** A scan or a tap. Names are not in the queue: it outlives the key of the list. */
export interface QueuedCheckIn extends Happened {
  kind: 'check-in'
  /** What was scanned, or names one of our tickets until it is transferred: sent in place of the ticket. */
  code?: string
  /** The ticket that is shown as checked in; null: not on this device. */
  ticketId: string | null
}
export interface QueuedWalkIn extends Happened {
  kind: 'walk-in'
  quantity: number
  /** A request that is sent again counts once. */
  key: string
}
export type Queued = QueuedCheckIn | QueuedWalkIn

/** What happened at this device and the service has not confirmed, in order. Resolves once it is stored. */
export async function enqueue<T extends object>(entry: T): Promise<T & { id: number }> {
  return { ...entry, id: await append('queue', entry) }
}

export function queued(): Promise<Queued[]> {
  return loadAll<Queued>('queue')
}

export function dequeue(entries: readonly Queued[]): Promise<void> {
  return erase(
    'queue',
    entries.map(({ id }) => id),
  )
}
