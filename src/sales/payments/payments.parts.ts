import { Config } from '../../infrastructure/config/config.js'
import { HoldPayments } from '../hold-payments.js'
import { LatePayments } from './late-payments.js'
import { PaymentDesk } from './payment-desk.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentNews } from './payment-news.js'
import { PaymentProgress } from './payment-progress.js'
import { PaymentProvider } from './payment-provider.js'
import { PaymentRows } from './payment-rows.js'
import { PaymentSettling } from './payment-settling.js'
import { PaymentStart } from './payment-start.js'
import { PaymentWorker } from './payment-worker.js'
import { PaymentsController } from './payments.controller.js'
import { SimulatedProvider } from './simulated-provider.js'
import { StripeProvider } from './stripe-provider.js'
import { StripeWebhookController } from './stripe-webhook.controller.js'

/** What the sales module has for payments. */
export const PAYMENT_CONTROLLERS = [PaymentsController, StripeWebhookController]

export const PAYMENT_PROVIDERS = [
  LatePayments,
  PaymentDesk,
  PaymentJobs,
  PaymentNews,
  PaymentProgress,
  PaymentRows,
  PaymentSettling,
  PaymentWorker,
  { provide: HoldPayments, useClass: PaymentStart },
  { provide: PaymentProvider, inject: [Config], useFactory: providerOf },
]

function providerOf({ stripe: { secretKey, apiUrl } }: Config): PaymentProvider {
  return secretKey === null ? new SimulatedProvider() : new StripeProvider(secretKey, apiUrl)
}
