import type { AccountRole } from '../infrastructure/http/access.js'

/** Who is calling: an account and the session its token belongs to. */
export interface AuthenticatedUser {
  id: string
  email: string
  name: string
  role: AccountRole
  sessionId: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard on every route that is not public. */
    account?: AuthenticatedUser
  }
}

const RANK: Record<AccountRole, number> = { CUSTOMER: 0, VIEWER: 1, OPERATOR: 2, ADMIN: 3 }

/** Whether a role includes what another one may do. */
export function includesRole(has: AccountRole, needed: AccountRole): boolean {
  return RANK[has] >= RANK[needed]
}

export function isStaff(account: Pick<AuthenticatedUser, 'role'>): boolean {
  return account.role !== 'CUSTOMER'
}
