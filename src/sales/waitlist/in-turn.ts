import { Prisma } from '../../generated/prisma/client.js'

/**
 * SQL about a row `entry`: it waits, and its address is not being offered tickets, nor has it had an offer since the
 * entry was made. An address may stand in line more than once, because nobody who joins has proved that it is theirs.
 */
export const IN_TURN = Prisma.sql`entry.state = 'WAITING' AND NOT EXISTS (
  SELECT 1 FROM waitlist_entries other
  WHERE other.event_id = entry.event_id AND lower(other.email) = lower(entry.email) AND (
    other.state = 'OFFERED' OR (other.state IN ('CONFIRMED', 'LAPSED') AND other.offered_at >= entry.created_at)))`
