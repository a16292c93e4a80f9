import { PaymentProvider, type PaymentOrder, type PaymentOutcome, type PreparedPayment } from './payment-provider.js'

const DECLINED_TOKEN = 'decline'

/** Stands in where no provider is configured: moves nothing. The token alone decides, so that there is no state. */
export class SimulatedProvider extends PaymentProvider {
  override readonly name = 'simulated'

  override prepare({ key }: PaymentOrder): Promise<string> {
    return Promise.resolve(`simulated_${key}`)
  }

  override charge(_payment: PreparedPayment, token: string): Promise<PaymentOutcome> {
    const declined = { kind: 'DECLINED', reason: 'The card was declined (simulated).' } as const
    return Promise.resolve(token === DECLINED_TOKEN ? declined : { kind: 'PAID' })
  }

  /** Asked only for payments that it did not accept. */
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
