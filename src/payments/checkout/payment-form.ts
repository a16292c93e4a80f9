import type { Config } from '../../infrastructure/config/config.js'
import type { PaymentFormDto } from './checkout.dto.js'

export function paymentForm({ payments, stripe }: Config): PaymentFormDto {
  return { provider: payments, publishableKey: payments === 'stripe' ? stripe.publishableKey : null }
}
