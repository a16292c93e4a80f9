import type { RunClock } from './model-run.js'
import type { StockModel } from './stock-model.js'

/** How the provider treats a payment method: pays at once, declines, or decides later. */
export type Method = 'GOOD' | 'DECLINED' | 'SLOW'

/** A call to the provider that fails: `lost` after it was applied, `refused` before. */
export interface Fault {
  at: 'prepare' | 'confirm' | 'refund'
  kind: 'lost' | 'refused'
}

/** A payment in the service and at the provider. */
export interface ModelPayment {
  state: 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'REFUND_DUE' | 'REFUNDED'
  method: Method
  /** At the provider; null: not created there. */
  intent: 'OPEN' | 'PROCESSING' | 'DECLINED' | 'SUCCEEDED' | 'CANCELED' | null
  /** The provider received the request to charge. */
  charged: boolean
  refunded: boolean
  /** The service knows the provider's id of the payment. */
  isReferenceKnown: boolean
  /** Paid late, and the tickets were still available. */
  isReplaced: boolean
}

export interface ModelPurchase {
  id: string
  quantity: number
  /** ms */
  expiresAt: number
  state: 'HELD' | 'PAYMENT_PENDING' | 'CONFIRMED' | 'PAYMENT_FAILED' | 'RELEASED' | 'EXPIRED'
  payment: ModelPayment | null
}

/** The life of paid holds: money is kept exactly for the tickets that are sold. */
export class PaymentsModel {
  readonly purchases: ModelPurchase[] = []

  constructor(
    readonly stock: StockModel,
    readonly clock: RunClock,
  ) {}

  hold(id: string, quantity: number, ttlSeconds: number): void {
    this.stock.hold(quantity, 'DIRECT')
    const expiresAt = this.clock.now + ttlSeconds * 1_000
    this.purchases.push({ id, quantity, expiresAt, state: 'HELD', payment: null })
  }

  expireIfOverdue(purchase: ModelPurchase): void {
    if (purchase.state === 'HELD' && purchase.expiresAt <= this.clock.now) this.end(purchase, 'EXPIRED')
  }

  release(purchase: ModelPurchase): void {
    this.expireIfOverdue(purchase)
    if (purchase.state === 'HELD') this.end(purchase, 'RELEASED')
  }

  /** Moves no money. */
  startPayment(purchase: ModelPurchase, method: Method): void {
    purchase.state = 'PAYMENT_PENDING'
    const atProvider = { intent: null, charged: false, refunded: false, isReferenceKnown: false } as const
    purchase.payment = { state: 'PENDING', method, ...atProvider, isReplaced: false }
  }

  /** One attempt to get ahead, during which this call to the provider fails. Returns whether that call was made. */
  process(purchase: ModelPurchase, fault: Fault | null): boolean {
    const { payment } = purchase
    if (payment?.state === 'PENDING') return this.charge(purchase, payment, fault)
    if (payment?.state === 'FAILED' && payment.isReferenceKnown && payment.intent === 'SUCCEEDED') {
      // All purchases are of one buyer: another that is being paid is waited for, and one that is bought is enough.
      if (this.purchases.some(({ state }) => state === 'PAYMENT_PENDING')) return false
      const isAvailable = this.stock.direct >= purchase.quantity && !this.hasTickets()
      if (isAvailable) this.stock.sell(purchase.quantity, 'DIRECT')
      payment.state = isAvailable ? 'SUCCEEDED' : 'REFUND_DUE'
      payment.isReplaced = isAvailable
    }
    return payment?.state === 'REFUND_DUE' && this.refund(payment, fault)
  }

  /** By the staff, who do not wait for the provider; a payment that it reports as paid succeeds. */
  abandon(purchase: ModelPurchase): void {
    const { payment } = purchase
    if (payment?.state !== 'PENDING') return void this.process(purchase, null)
    if (payment.isReferenceKnown && payment.intent === 'SUCCEEDED') return this.succeed(purchase, payment)
    if (payment.isReferenceKnown && payment.intent !== 'PROCESSING') payment.intent = 'CANCELED'
    this.fail(purchase, payment)
  }

  /** The provider decides a payment that was processing. */
  decide(payment: ModelPayment, paid: boolean): void {
    payment.intent = paid ? 'SUCCEEDED' : 'DECLINED'
  }

  private hasTickets(): boolean {
    return this.purchases.some(({ state, payment }) => state === 'CONFIRMED' || payment?.isReplaced === true)
  }

  private charge(purchase: ModelPurchase, payment: ModelPayment, fault: Fault | null): boolean {
    if (!payment.isReferenceKnown) {
      const failing = fault?.at === 'prepare' ? fault.kind : null
      if (failing !== 'refused') payment.intent ??= 'OPEN'
      if (failing) return true
      payment.isReferenceKnown = true
    }
    const failing = fault?.at === 'confirm' ? fault.kind : null
    if (failing === 'refused') return true
    if (!payment.charged) {
      payment.charged = true
      payment.intent = ({ GOOD: 'SUCCEEDED', DECLINED: 'DECLINED', SLOW: 'PROCESSING' } as const)[payment.method]
    }
    if (failing === 'lost') return true
    if (payment.intent === 'SUCCEEDED') this.succeed(purchase, payment)
    if (payment.intent === 'DECLINED') {
      // So that it cannot be paid later.
      payment.intent = 'CANCELED'
      this.fail(purchase, payment)
    }
    return false
  }

  private refund(payment: ModelPayment, fault: Fault | null): boolean {
    // What the provider reports as refunded is not requested again.
    const failing = fault?.at === 'refund' && !payment.refunded ? fault.kind : null
    if (failing !== 'refused') payment.refunded = true
    if (failing) return true
    payment.state = 'REFUNDED'
    return false
  }

  private succeed(purchase: ModelPurchase, payment: ModelPayment): void {
    payment.state = 'SUCCEEDED'
    purchase.state = 'CONFIRMED'
    this.stock.sellHeld(purchase.quantity)
  }

  private fail(purchase: ModelPurchase, payment: ModelPayment): void {
    payment.state = 'FAILED'
    this.end(purchase, 'PAYMENT_FAILED')
  }

  private end(purchase: ModelPurchase, state: 'RELEASED' | 'EXPIRED' | 'PAYMENT_FAILED'): void {
    purchase.state = state
    this.stock.giveBack(purchase.quantity, 'DIRECT')
  }
}
