/** What is to be paid. The key belongs to one hold: however often it is sent, it stands for one payment. */
export interface PaymentOrder {
  key: string
  /** In the smallest unit of the currency. */
  amount: number
  /** ISO 4217, capital letters. */
  currency: string
  description: string
  /** Ids of ours, to find the payment by in the provider's own lists. */
  notes: Record<string, string>
}

/** A payment that the provider knows. */
export interface PreparedPayment {
  key: string
  /** The provider's name for it. */
  reference: string
}

/**
 * `PAID`: the money is ours. `DECLINED`: it is not, and this payment can never become paid any more. `OPEN`: not
 * decided, or not for good.
 */
export type PaymentOutcome = { kind: 'PAID' } | { kind: 'DECLINED'; reason: string } | { kind: 'OPEN' }

/** The provider will never take this payment, whoever pays it. The message is for the buyer. */
export class PaymentRefused extends Error {
  override readonly name = 'PaymentRefused'
}

/**
 * Somebody who moves money. Every method may be repeated after a failure and then answers what came of the first call.
 * Every method rejects when the provider cannot be asked: the outcome is unknown then.
 */
export abstract class PaymentProvider {
  abstract readonly name: string

  /** Makes the payment known without moving money; answers the reference. Rejects with PaymentRefused. */
  abstract prepare(order: PaymentOrder): Promise<string>
  /** Moves the money. What is declined is also made sure never to be paid later. */
  abstract charge(payment: PreparedPayment, token: string): Promise<PaymentOutcome>
  abstract status(payment: PreparedPayment): Promise<PaymentOutcome>
  /** Ends it unpaid, if it is not paid yet. */
  abstract cancel(payment: PreparedPayment): Promise<PaymentOutcome>
  /** Gives all of it back, once. */
  abstract refund(payment: PreparedPayment): Promise<void>
}
