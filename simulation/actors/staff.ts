import type { AuthenticatedUser } from '../../src/accounts/authenticated-user.js'

export const OPERATOR: AuthenticatedUser = {
  id: 'operator',
  email: 'operator@example.com',
  name: 'Operator',
  role: 'ADMIN',
  sessionId: 'simulated',
  emailVerified: true,
}
/** Decides what the other one requests. */
export const SECOND_OPERATOR: AuthenticatedUser = {
  ...OPERATOR,
  id: 'second-operator',
  email: 'second-operator@example.com',
}

export const STAFF: readonly AuthenticatedUser[] = [OPERATOR, SECOND_OPERATOR]
