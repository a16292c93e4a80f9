import type { FastifyRequest } from 'fastify'
import type { WorkClass } from '../../work-class.js'
import type { StaffCallers } from './staff-callers.js'

/** Valid once cookies are parsed: from `preParsing` on. */
export function classOfRequest(request: FastifyRequest, staff: StaffCallers): WorkClass {
  const route = request.routeOptions.url ?? ''
  if (isDelivery(request)) return 'DELIVERY'
  if (/^\/(health|metrics)\b/.test(route)) return 'HEALTH'
  return staff.isStaff(request) ? 'STAFF' : 'PUBLIC'
}

/** A route of a platform or of the payment provider: its caller is known only after the body is read. */
export function isDelivery(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/webhooks/') ?? false
}
