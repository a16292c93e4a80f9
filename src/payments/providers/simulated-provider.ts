import { PaymentProvider, type PaymentOrder, type PaymentOutcome, type PreparedPayment } from './payment-provider.js'

const DECLINED_TOKEN = 'decline'

/** Used when no provider is configured; moves no money. Stateless: the token alone decides the outcome. */
export class SimulatedProvider extends PaymentProvider {
  override readonly name = 'simulated'

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

  override refund(): Promise<void> {
    return Promise.resolve()
  }
}
