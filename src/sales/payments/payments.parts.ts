import { Config } from '../../infrastructure/config/config.js'
import { HoldPayments } from '../hold-payments.js'
import { LatePayments } from './late-payments.js'
import { PaymentAdmin } from './payment-admin.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentNotifications } from './payment-notifications.js'
import { PaymentProcessor } from './payment-processor.js'
import { PaymentProvider } from './payment-provider.js'
import { PaymentRows } from './payment-rows.js'
import { PaymentCapture } from './payment-capture.js'
import { PaymentStart } from './payment-start.js'
import { PaymentWorker } from './payment-worker.js'
import { PaymentsController } from './payments.controller.js'
import { SimulatedProvider } from './simulated-provider.js'
import { StripeProvider } from './stripe-provider.js'
import { StripeWebhookController } from './stripe-webhook.controller.js'

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
