import { Prisma } from '../generated/prisma/client.js'

/**
 * SQL condition on a row `entry`: it is waiting, its address has no open offer, and its address has received no offer
 * since the entry was created. An address can have several entries, because joining does not verify it.
 */
export const ELIGIBLE_ENTRY = Prisma.sql`entry.state = 'WAITING' AND NOT EXISTS (
  SELECT 1 FROM waitlist_entries other
  WHERE other.event_id = entry.event_id AND lower(other.email) = lower(entry.email) AND (
    other.state = 'OFFERED' OR (other.state IN ('CONFIRMED', 'LAPSED') AND other.offered_at >= entry.created_at)))`
