import { Config } from '../infrastructure/config/config.js'
import { HoldPayments } from '../holds/hold-payments.js'
import { LatePayments } from './processing/late-payments.js'
import { PaymentAdmin } from './payment-admin.js'
import { PaymentJobs } from './processing/payment-jobs.js'
import { PaymentNotifications } from './processing/payment-notifications.js'
import { PaymentProcessor } from './processing/payment-processor.js'
import { PaymentProvider } from './providers/payment-provider.js'
import { PaymentRows } from './processing/payment-rows.js'
import { PaymentCapture } from './processing/payment-capture.js'
import { PaymentStart } from './checkout/payment-start.js'
import { PaymentWorker } from './processing/payment-worker.js'
import { PaymentsController } from './payments.controller.js'
import { SimulatedProvider } from './providers/simulated-provider.js'
import { StripeProvider } from './stripe/stripe-provider.js'
import { StripeWebhookController } from './stripe/stripe-webhook.controller.js'

/** Payment controllers and providers of the sales module. */
export const PAYMENT_CONTROLLERS = [PaymentsController, StripeWebhookController]

export const PAYMENT_PROVIDERS = [
  LatePayments,
  PaymentAdmin,
  PaymentJobs,
  PaymentNotifications,
  PaymentProcessor,
  PaymentRows,
  PaymentCapture,
  PaymentWorker,
  { provide: HoldPayments, useClass: PaymentStart },
  { provide: PaymentProvider, inject: [Config], useFactory: providerOf },
]

function providerOf({ stripe: { secretKey, apiUrl } }: Config): PaymentProvider {
  return secretKey === null ? new SimulatedProvider() : new StripeProvider(secretKey, apiUrl)
}
