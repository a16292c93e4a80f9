import { Module } from '@nestjs/common'
import { HoldsModule } from '../holds/holds.module.js'
import { TicketIssuingModule } from '../tickets/ticket-issuing.module.js'
import { OrderCancellation } from './cancellation/order-cancellation.js'
import { OrderCancellationController } from './cancellation/order-cancellation.controller.js'
import { CheckoutController, PaymentFormController } from './checkout/checkout.controller.js'
import { HoldCheckout } from './checkout/hold-checkout.js'
import { PaymentStart } from './checkout/payment-start.js'
import { PaymentAdmin } from './payment-admin.js'
import { PaymentsController } from './payments.controller.js'
import { DisputeReports } from './processing/dispute-reports.js'
import { LatePayments } from './processing/late-payments.js'
import { PaymentCharge } from './processing/payment-charge.js'
import { PaymentCapture } from './processing/payment-capture.js'
import { PaymentJobs } from './processing/payment-jobs.js'
import { PaymentNotifications } from './processing/payment-notifications.js'
import { PaymentProcessor } from './processing/payment-processor.js'
import { PaymentRefunds } from './processing/payment-refunds.js'
import { PaymentReturnsReader } from './processing/payment-returns.js'
import { PaymentRows } from './processing/payment-rows.js'
import { PaymentWorker } from './processing/payment-worker.js'
import { StripeWebhookController } from './stripe/stripe-webhook.controller.js'

/** The checkout of holds, and the payments of those that have a price. The provider is bound by `PaymentProviderModule`. */
@Module({
  imports: [HoldsModule, TicketIssuingModule],
  controllers: [
    CheckoutController,
    OrderCancellationController,
    PaymentFormController,
    PaymentsController,
    StripeWebhookController,
  ],
  providers: [
    DisputeReports,
    HoldCheckout,
    LatePayments,
    OrderCancellation,
    PaymentAdmin,
    PaymentCapture,
    PaymentCharge,
    PaymentJobs,
    PaymentNotifications,
    PaymentProcessor,
    PaymentRefunds,
    PaymentReturnsReader,
    PaymentRows,
    PaymentStart,
    PaymentWorker,
  ],
  exports: [HoldCheckout, PaymentRefunds],
})
export class PaymentsModule {}
