import { USER_ROLES, type UserRole } from '../infrastructure/http/access.js'

/** The user making a request, and the session of their token. */
export interface AuthenticatedUser {
  id: string
  email: string
  name: string
  role: UserRole
  sessionId: string
  /** Of a customer: whether the e-mail address was proved to be theirs. */
  emailVerified: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `AccessGuard` on every route that is not public. */
    user?: AuthenticatedUser
  }
}

const INCLUDED: Record<UserRole, readonly UserRole[]> = {
  ADMIN: USER_ROLES,
  OPERATOR: ['OPERATOR', 'VIEWER', 'DOOR', 'CUSTOMER'],
  VIEWER: ['VIEWER', 'DOOR', 'CUSTOMER'],
  DOOR: ['DOOR'],
  CUSTOMER: ['CUSTOMER'],
}

/** Whether a role has at least the permissions of another; of a VIEWER's, those to read. */
export function includesRole(role: UserRole, required: UserRole): boolean {
  return INCLUDED[role].includes(required)
}

/** Whether a role may call a route for another. A VIEWER changes nothing but their own account. */
export function mayCall(role: UserRole, required: UserRole, isRead: boolean): boolean {
  return role === required || (includesRole(role, required) && (role !== 'VIEWER' || isRead))
}

/** Whether the user may see what belongs to others. */
export function isStaff(user: Pick<AuthenticatedUser, 'role'>): boolean {
  return includesRole(user.role, 'VIEWER')
}
