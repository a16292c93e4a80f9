import { Prisma } from '../../generated/prisma/client.js'

/** How many people were let in without a ticket, as counted at the door; those who bought one there have a ticket. */
export const countedWalkIns = (eventId: string): Prisma.Sql => Prisma.sql`(
  SELECT COALESCE(SUM(w.quantity), 0)::int FROM walk_ins w
  WHERE w.event_id = ${eventId} AND w.source = 'COUNT' AND w.taken_back_at IS NULL)`
