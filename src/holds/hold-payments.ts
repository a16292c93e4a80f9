import type { Hold } from '../generated/prisma/client.js'
import type { BuyerBody } from './holds.dto.js'
import type { BuyerRole } from '../domain/sale-conflict.js'

/** Port for paying holds of priced events; the checkout's only use of payments. */
export abstract class HoldPayments {
  /**
   * Starts the payment of a live hold with the provider's token and returns the updated hold: PAYMENT_PENDING unless
   * it was resolved in the meantime. Called for a hold that is HELD and not overdue; concurrent calls pay once.
   * `buyerRole` decides until when sales are open.
   */
  abstract start(hold: Hold, buyer: BuyerBody, token: string, buyerRole: BuyerRole): Promise<Hold>

  /** The hold bought by a payment that succeeded after it was recorded as failed; null if none. */
  abstract replacementOf(holdId: string): Promise<string | null>
}
