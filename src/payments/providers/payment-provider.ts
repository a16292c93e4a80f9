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
 * final. `ACTION_REQUIRED`: not decided until the buyer authenticates it with the secret, in the provider's own form.
 */
export type PaymentOutcome =
  | { kind: 'PAID' }
  | { kind: 'DECLINED'; reason: string }
  | { kind: 'OPEN' }
  | { kind: 'ACTION_REQUIRED'; clientSecret: string }

/** `OPEN`: the amount is withheld until it is decided. `WON`: it was kept. `LOST`: it went back to the buyer. */
export type DisputeState = 'OPEN' | 'WON' | 'LOST'

/** What went back to the buyer of a payment, on anyone's request. Amounts in the smallest unit of the currency. */
export interface ReturnedMoney {
  refunded: number
  /** Requested, and not final yet. */
  refundPending: number
  /** Refunds that failed or were cancelled: number, and why the newest one did; null: none failed. */
  failed: { count: number; reason: string } | null
  /** Null: never disputed. */
  dispute: DisputeState | null | 'UNREADABLE'
}

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
  /**
   * Requests a refund of what was not refunded yet; `returns` shows its outcome. Once per attempt, which is the number
   * of refunds that failed before.
   */
  abstract refund(payment: PreparedPayment, attempt: number): Promise<void>
  abstract returns(payment: PreparedPayment): Promise<ReturnedMoney>
}
