import {
  PaymentProvider,
  type PaymentOrder,
  type PaymentOutcome,
  type PreparedPayment,
  type ReturnedMoney,
} from './payment-provider.js'

const DECLINED_TOKEN = 'decline'

/** Used in the demo, or when configured by name; moves no money. The token alone decides the outcome. */
export class SimulatedProvider extends PaymentProvider {
  override readonly name = 'simulated'
  /** References of this process: a refund is requested again after a restart, which does no harm. */
  private readonly refunded = new Set<string>()

  override prepare({ key }: PaymentOrder): Promise<string> {
    return Promise.resolve(`simulated_${key}`)
  }

  override charge(_payment: PreparedPayment, token: string): Promise<PaymentOutcome> {
    const declined = { kind: 'DECLINED', reason: 'The card was declined (simulated).' } as const
    return Promise.resolve(token === DECLINED_TOKEN ? declined : { kind: 'PAID' })
  }

  /** Called only for payments that were not accepted. */
  override status(): Promise<PaymentOutcome> {
    return Promise.resolve({ kind: 'OPEN' })
  }

  override cancel(): Promise<PaymentOutcome> {
    return Promise.resolve({ kind: 'DECLINED', reason: 'The payment was cancelled.' })
  }

  override refund({ reference }: PreparedPayment): Promise<void> {
    this.refunded.add(reference)
    return Promise.resolve()
  }

  override returns({ reference }: PreparedPayment): Promise<ReturnedMoney> {
    const refunded = this.refunded.has(reference) ? Number.MAX_SAFE_INTEGER : 0
    return Promise.resolve({ refunded, refundPending: 0, failed: null, dispute: null })
  }
}
