import type { UserRole } from '../infrastructure/http/access.js'

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

const RANK: Record<UserRole, number> = { CUSTOMER: 0, VIEWER: 1, OPERATOR: 2, ADMIN: 3 }

/** Whether a role has at least the permissions of another. */
export function includesRole(role: UserRole, required: UserRole): boolean {
  return RANK[role] >= RANK[required]
}

export function isStaff(user: Pick<AuthenticatedUser, 'role'>): boolean {
  return user.role !== 'CUSTOMER'
}
