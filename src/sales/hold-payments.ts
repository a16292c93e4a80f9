import type { Hold } from '../generated/prisma/client.js'
import type { BuyerBody } from './hold-bodies.js'
import type { Buyer } from './on-sale.js'

/** How holds of priced events are paid: the one place where the checkout asks for money. */
export abstract class HoldPayments {
  /**
   * Starts to pay a live hold with the provider's token, in which case it becomes PAYMENT_PENDING, and answers it as
   * it stands then. Called for a hold that is HELD and not overdue; several calls at once pay once. `as`: who
   * buys; it decides until when.
   */
  abstract begin(hold: Hold, buyer: BuyerBody, token: string, as: Buyer): Promise<Hold>

  /** The hold that a payment bought after it had failed here; null: none. */
  abstract replacementOf(holdId: string): Promise<string | null>
}
