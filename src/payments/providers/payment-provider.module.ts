import { Global, Logger, Module } from '@nestjs/common'
import { Config } from '../../infrastructure/config/config.js'
import { StripeProvider } from '../stripe/stripe-provider.js'
import { PaymentProviders } from './payment-providers.js'
import { SimulatedProvider } from './simulated-provider.js'

/** Binds the configured payment providers. */
@Global()
@Module({
  providers: [{ provide: PaymentProviders, inject: [Config], useFactory: providersOf }],
  exports: [PaymentProviders],
})
export class PaymentProviderModule {}

/** Stripe processes its stored payments as long as its key is set, also while others take new ones. */
function providersOf({ payments, stripe: { secretKey, webhookSecret, apiUrl } }: Config): PaymentProviders {
  const stripe = secretKey === null ? null : new StripeProvider(secretKey, apiUrl)
  if (stripe && webhookSecret === null) {
    new Logger('Payments').warn('STRIPE_WEBHOOK_SECRET is not set: refunds and disputes made at Stripe are not seen')
  }
  if (payments === 'stripe') return new PaymentProviders(stripe)
  return new PaymentProviders(payments === 'simulated' ? new SimulatedProvider() : null, stripe ? [stripe] : [])
}
