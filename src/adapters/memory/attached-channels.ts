import type { Channel } from '../../domain/channel-record.js'
import type { Event } from '../../domain/event-record.js'
import type { MemoryDatabase } from './memory-database.js'
import type { Scope } from './memory-table.js'

/** Channels whose listing has not moved to another event, of the events that match. */
export function attachedChannels(
  database: MemoryDatabase,
  scope: Scope,
  matches: (event: Event) => boolean,
): Channel[] {
  return database.channels.where(scope, ({ eventId, detachedAt }) => {
    const event = database.events.get(scope, eventId)
    return detachedAt === null && event !== undefined && matches(event)
  })
}
