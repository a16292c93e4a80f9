import { isDatabaseOutage } from './prisma/outage.js'
import { isRedisOutage } from './redis/outage.js'

/** Whether Redis or PostgreSQL did not answer: the same work may succeed later. */
export function isOutage(error: unknown): boolean {
  return isRedisOutage(error) || isDatabaseOutage(error)
}
