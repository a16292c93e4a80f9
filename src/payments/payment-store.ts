import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { DisputeState } from './providers/payment-provider.js'

export const PAYMENT_STATES = ['PENDING', 'SUCCEEDED', 'FAILED', 'REFUND_DUE', 'REFUNDED'] as const

/**
 * PENDING: the provider's result is not known yet; the hold is PAYMENT_PENDING. SUCCEEDED: paid, and the tickets are
 * issued. FAILED: not paid, as far as is known; the stock was returned. REFUND_DUE: the amount has to go back to the
 * buyer. REFUNDED: it did, by the provider's account.
 */
export type PaymentState = (typeof PAYMENT_STATES)[number]

export const REFUND_STATES = ['PENDING', 'SUCCEEDED', 'FAILED'] as const
export const DISPUTE_STATES = ['OPEN', 'WON', 'LOST'] as const satisfies readonly DisputeState[]

/** What the provider reports of refunds and disputes of a payment, on anyone's request. */
export interface PaymentReturns {
  /** In the smallest unit of the currency. */
  refundedAmount: bigint
  /** Null: no refund was requested. */
  refundState: (typeof REFUND_STATES)[number] | null
  /** Why the newest refund failed. */
  refundFailure: string | null
  /** Null: never disputed. */
  disputeState: DisputeState | null
  disputedAt: Date | null
}

/** As read at the provider, without the dispute where that cannot be read. */
export type ReadReturns = Omit<PaymentReturns, 'disputeState' | 'disputedAt'> &
  Partial<Pick<PaymentReturns, 'disputeState' | 'disputedAt'>>

/** Another purchase of a payment's buyer for the same event. */
export type OtherPurchase = 'BOUGHT' | 'BEING_PAID'

/** The payment of one hold. */
export interface Payment extends PaymentReturns {
  id: string
  holdId: string
  eventId: string
  state: PaymentState
  /** In the smallest unit of the currency. */
  amount: bigint
  currency: string
  buyerName: string
  buyerEmail: string
  provider: string
  /** The provider's payment token; deleted as soon as the payment is decided. */
  token: string | null
  /** The provider's id of this payment. */
  reference: string | null
  /** Why it failed. */
  reason: string | null
  /** Bought with a late payment. */
  replacementHoldId: string | null
  /** When it is processed next; null: only on a notification of the provider or by an operator. */
  dueAt: Date | null
  /** A worker holds the lease until then. */
  leasedUntil: Date | null
  /** Number of the provider's notifications, so that one that arrives during processing is not missed. */
  hints: number
  attempts: number
  lastError: string | null
  /** Since when retries have ended: an operator is needed. */
  stuckSince: Date | null
  createdAt: Date
  settledAt: Date | null
  refundedAt: Date | null
  /** With it the buyer authenticates the payment at the provider; deleted as soon as the payment is decided. */
  clientSecret: string | null
  /** A refund or dispute was reported that is not read yet; also a final payment is then due. */
  recheck: boolean
}

/** A payment that is started: PENDING, and not processed yet. */
export type NewPayment = Pick<
  Payment,
  | 'id'
  | 'holdId'
  | 'eventId'
  | 'amount'
  | 'currency'
  | 'buyerName'
  | 'buyerEmail'
  | 'provider'
  | 'token'
  | 'dueAt'
  | 'createdAt'
>

/** A payment that failed. */
export interface DeclinedPayment {
  /** Null: of an offer to a waitlist entry. */
  accountId: string | null
  /** In lower case. */
  buyerEmail: string
  failedAt: Date
}

/** Plain data; all conditions must be met, undefined: any. */
export interface PaymentFilter {
  state?: PaymentState | undefined
  /** True: only those that need an operator. */
  stuck?: boolean | undefined
  /** True: only those that were disputed. */
  disputed?: boolean | undefined
  eventId?: string | undefined
  /** Only payments with a smaller id. */
  before?: string | undefined
}

/** Values that change with the state; undefined: unchanged. Token and client secret are always deleted. */
export type PaymentTransition = Pick<Payment, 'state'> &
  Partial<Pick<Payment, 'settledAt' | 'refundedAt' | 'reason' | 'replacementHoldId' | 'dueAt'>>

/** How a failed step is retried. */
export interface PaymentRetry {
  error: string
  /** Null: not at all. */
  dueAt: Date | null
  /** Whether it needs an operator. Default: when it is not retried. */
  stuck?: boolean
}

/** Rows of payments. */
export abstract class PaymentStore {
  /** Null: unknown. */
  abstract find(paymentId: string): Promise<Payment | null>

  /** The payment with this id at the provider; null: unknown. */
  abstract idOf(reference: string): Promise<string | null>

  /** Up to `limit` payments by descending id. */
  abstract newest(filter: PaymentFilter, limit: number): Promise<Payment[]>

  /** All or none. Rejects with a unique violation for a hold that has a payment. */
  abstract insert(transaction: DatabaseTransaction, payments: readonly NewPayment[]): Promise<void>

  /** As the transaction sees it. Rejects if there is no such payment. */
  abstract stateOf(transaction: DatabaseTransaction, paymentId: string): Promise<PaymentState>

  /**
   * Leases the payment and counts the attempt; it is due again at `leasedUntil`, in case the process dies. Null: it is
   * final and not to be rechecked, or leased at `now` by another worker.
   */
  abstract lease(paymentId: string, now: Date, leasedUntil: Date): Promise<Payment | null>

  /**
   * Ends the lease after a completed step. Due at `next` unless it is final, and at `now` if there were other hints since
   * it was leased that concern its state.
   */
  abstract release(leased: Pick<Payment, 'id' | 'hints'>, now: Date, next?: Date | null): Promise<void>

  /** Ends the lease after a failed step. Due at `now` instead, and not stuck, if there were other hints since it was leased. */
  abstract retry(leased: Pick<Payment, 'id' | 'hints'>, retry: PaymentRetry, now: Date): Promise<void>

  /**
   * Makes a payment due and counts the hint. `recheck`: it concerns refunds or disputes, so that it counts for final
   * payments too. False: it is final, or unknown.
   */
  abstract markDue(payment: { id: string } | { reference: string }, now: Date, recheck?: boolean): Promise<boolean>

  /** Up to `limit` payments that are due at `at` or earlier and can be leased; longest due first. */
  abstract due(at: Date, limit: number): Promise<Pick<Payment, 'id' | 'dueAt'>[]>

  abstract setReference(paymentId: string, reference: string): Promise<void>

  /** Does nothing unless the payment is PENDING. */
  abstract setClientSecret(paymentId: string, clientSecret: string): Promise<void>

  abstract setReturns(transaction: DatabaseTransaction, paymentId: string, returns: ReadReturns): Promise<void>

  /** Sets the state of a dispute, unless one is decided already. Returns the payment's id; null: nothing changed. */
  abstract reportDispute(reference: string, state: DisputeState, at: Date): Promise<string | null>

  /** The payment that bought a direct order; null: none did. */
  abstract ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Payment | null>

  /**
   * Whether the buyer, recognized by account or e-mail address, has valid tickets of any channel for the payment's event,
   * or pays for others at the moment; null: neither.
   */
  abstract otherPurchase(
    transaction: DatabaseTransaction,
    payment: Pick<Payment, 'id' | 'eventId' | 'buyerEmail'>,
    accountId: string | null,
  ): Promise<OtherPurchase | null>

  /** Payments of these accounts, or to these addresses in lower case, that failed after `since`; by id. */
  abstract declined(
    transaction: DatabaseTransaction,
    accountIds: readonly string[],
    emails: readonly string[],
    since: Date,
  ): Promise<DeclinedPayment[]>

  /**
   * Moves a payment from one state to the next, exactly once. With `dueAt` it counts as a hint: a worker that has leased the
   * payment in its previous state leaves it due. False: it is no longer in state `from`.
   */
  abstract transition(
    transaction: DatabaseTransaction,
    paymentId: string,
    from: PaymentState,
    to: PaymentTransition,
  ): Promise<boolean>
}
