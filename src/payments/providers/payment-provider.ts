/** A payment to create. The key belongs to one hold and makes retries idempotent. */
export interface PaymentOrder {
  key: string
  /** In the smallest unit of the currency. */
  amount: number
  /** ISO 4217, capital letters. */
  currency: string
  description: string
  /** Our ids, to find the payment at the provider. */
  metadata: Record<string, string>
}

/** A payment that exists at the provider. */
export interface PreparedPayment {
  key: string
  /** The provider's id of the payment. */
  reference: string
}

/**
 * `PAID`: the money was received. `DECLINED`: not paid, and it can never be paid later. `OPEN`: not decided, or not
 * final.
 */
export type PaymentOutcome = { kind: 'PAID' } | { kind: 'DECLINED'; reason: string } | { kind: 'OPEN' }

/** The provider permanently refuses this payment with any payment method. The message is shown to the buyer. */
export class PaymentRefused extends Error {
  override readonly name = 'PaymentRefused'
}

/**
 * Port to a payment provider. Methods are idempotent: a retry returns the outcome of the first call. They reject when
 * the provider is unreachable; the outcome is then unknown.
 */
export abstract class PaymentProvider {
  abstract readonly name: string

  /** Creates the payment without moving money; returns its reference. Rejects with PaymentRefused. */
  abstract prepare(order: PaymentOrder): Promise<string>
  /** Moves the money. A declined payment is also cancelled, so that it cannot be paid later. */
  abstract charge(payment: PreparedPayment, token: string): Promise<PaymentOutcome>
  abstract status(payment: PreparedPayment): Promise<PaymentOutcome>
  /** Cancels the payment unless it is already paid. */
  abstract cancel(payment: PreparedPayment): Promise<PaymentOutcome>
  /** Refunds the full amount, once. */
  abstract refund(payment: PreparedPayment): Promise<void>
}
