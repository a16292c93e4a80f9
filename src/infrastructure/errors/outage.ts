import { isDatabaseOutage } from './database-outage.js'
import { isRedisOutage } from './redis-outage.js'

/** Whether an error means that Redis or PostgreSQL is unavailable: the same work may succeed later. */
export function isOutage(error: unknown): boolean {
  return isRedisOutage(error) || isDatabaseOutage(error)
}
