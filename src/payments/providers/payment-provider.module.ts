import { Global, Module } from '@nestjs/common'
import { Config } from '../../infrastructure/config/config.js'
import { StripeProvider } from '../stripe/stripe-provider.js'
import { PaymentProvider } from './payment-provider.js'
import { SimulatedProvider } from './simulated-provider.js'

/** Binds the configured payment provider. */
@Global()
@Module({
  providers: [{ provide: PaymentProvider, inject: [Config], useFactory: providerOf }],
  exports: [PaymentProvider],
})
export class PaymentProviderModule {}

function providerOf({ stripe: { secretKey, apiUrl } }: Config): PaymentProvider {
  return secretKey === null ? new SimulatedProvider() : new StripeProvider(secretKey, apiUrl)
}
