import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { normalizeEmail } from '../accounts/unique-email.js'
import type { TicketOwner } from './ticket-store.js'

type Account = Pick<AuthenticatedUser, 'id' | 'email' | 'emailVerified'>

/** The address that the account has proved to be its own: the tickets given to it are theirs. */
export function provedAddress({ email, emailVerified }: Account): string | null {
  return emailVerified ? normalizeEmail(email) : null
}

/** Whether the account has the ticket now. */
export function owns(account: Account, { accountId, transferredTo }: TicketOwner): boolean {
  return account.id === accountId || (transferredTo !== null && transferredTo === provedAddress(account))
}
