import { Stripe } from 'stripe'
import {
  PaymentProvider,
  PaymentRefused,
  type PaymentOrder,
  type PaymentOutcome,
  type PreparedPayment,
  type ReturnedMoney,
} from '../providers/payment-provider.js'
import { returnedMoney } from './stripe-returns.js'

/** Per call. The lease on a payment is longer than all calls of one step. */
const TIMEOUT_MS = 15_000
/** Descriptions are cut to this length. */
const MAX_DESCRIPTION_LENGTH = 500

/**
 * Payments by Stripe. A PaymentIntent is created and its id stored before it is confirmed, so that the payment can be
 * read by its id after a lost response, even once Stripe's idempotency keys have expired (24 hours).
 */
export class StripeProvider extends PaymentProvider {
  override readonly name = 'stripe'
  private readonly stripe: Stripe

  constructor(secretKey: string, apiUrl: string) {
    super()
    const { protocol, hostname, port } = new URL(apiUrl)
    this.stripe = new Stripe(secretKey, {
      host: hostname,
      port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
      protocol: protocol === 'http:' ? 'http' : 'https',
      timeout: TIMEOUT_MS,
      // Retries follow the payment's own schedule.
      maxNetworkRetries: 0,
      telemetry: false,
    })
  }

  override async prepare({ key, amount, currency, description, metadata }: PaymentOrder): Promise<string> {
    const params: Stripe.PaymentIntentCreateParams = {
      amount,
      currency: currency.toLowerCase(),
      description: description.slice(0, MAX_DESCRIPTION_LENGTH),
      metadata,
      // Cards and their wallets: other methods may decide after days, in which the tickets would be held.
      allowed_payment_method_types: ['card'],
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    }
    try {
      const { id } = await this.stripe.paymentIntents.create(params, { idempotencyKey: `${key}:prepare` })
      return id
    } catch (error) {
      const reason = declineReason(error)
      throw reason === null ? error : new PaymentRefused(reason, { cause: error })
    }
  }

  override async charge(payment: PreparedPayment, token: string): Promise<PaymentOutcome> {
    const { key, reference } = payment
    try {
      // The buyer's page handles an authentication (3-D Secure) with Stripe's library, without leaving the page.
      const params = { ...paymentMethodParams(token), use_stripe_sdk: true }
      const intent = await this.stripe.paymentIntents.confirm(reference, params, { idempotencyKey: `${key}:charge` })
      return intent.status === 'succeeded' ? { kind: 'PAID' } : await this.outcomeOfCharge(payment)
    } catch (error) {
      const reason = declineReason(error)
      if (reason === null) throw error
      return this.declined(payment, reason)
    }
  }

  /**
   * A retry under the same key returns the first response, which may be stale. A charge that was processing or being
   * authenticated and needs a payment method again has been declined.
   */
  private async outcomeOfCharge(payment: PreparedPayment): Promise<PaymentOutcome> {
    const intent = await this.stripe.paymentIntents.retrieve(payment.reference)
    if (intent.status !== 'requires_payment_method') return outcomeOf(intent)
    return this.declined(payment, intent.last_payment_error?.message ?? 'The payment was not accepted.')
  }

  /** Cancels what was declined; another request may have changed its state in the meantime. */
  private async declined(payment: PreparedPayment, reason: string): Promise<PaymentOutcome> {
    const intent = await this.stripe.paymentIntents.retrieve(payment.reference)
    // Confirmed before: it is being authenticated, or paid.
    if (intent.status !== 'requires_payment_method') return outcomeOf(intent)
    const outcome = await this.cancel(payment)
    return outcome.kind === 'DECLINED' ? { ...outcome, reason } : outcome
  }

  override async status({ reference }: PreparedPayment): Promise<PaymentOutcome> {
    return outcomeOf(await this.stripe.paymentIntents.retrieve(reference))
  }

  override async cancel(payment: PreparedPayment): Promise<PaymentOutcome> {
    try {
      return outcomeOf(await this.stripe.paymentIntents.cancel(payment.reference))
    } catch (error) {
      // It is already paid, processing, or already cancelled.
      if (error instanceof Stripe.errors.StripeInvalidRequestError) return this.status(payment)
      throw error
    }
  }

  override async refund({ key, reference }: PreparedPayment, attempt: number): Promise<void> {
    try {
      const idempotencyKey = attempt === 0 ? `${key}:refund` : `${key}:refund:${attempt}`
      await this.stripe.refunds.create({ payment_intent: reference }, { idempotencyKey })
    } catch (error) {
      const alreadyRefunded =
        error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'charge_already_refunded'
      if (!alreadyRefunded) throw error
    }
  }

  override async returns({ reference }: PreparedPayment): Promise<ReturnedMoney> {
    const of = { payment_intent: reference, limit: 100 }
    const [refunds, disputes] = [await this.stripe.refunds.list(of), await this.disputes(of)]
    return returnedMoney(refunds.data, disputes)
  }

  /** A key that may not read disputes must not keep a refund from being completed: null. */
  private async disputes(of: Stripe.DisputeListParams): Promise<Stripe.Dispute[] | null> {
    try {
      return (await this.stripe.disputes.list(of)).data
    } catch (error) {
      const { StripeInvalidRequestError, StripePermissionError } = Stripe.errors
      if (error instanceof StripePermissionError || error instanceof StripeInvalidRequestError) return null
      throw error
    }
  }
}

function outcomeOf(intent: Stripe.PaymentIntent): PaymentOutcome {
  const { status, last_payment_error: last, client_secret: clientSecret } = intent
  if (status === 'succeeded') return { kind: 'PAID' }
  if (status === 'requires_action' && clientSecret !== null) return { kind: 'ACTION_REQUIRED', clientSecret }
  if (status !== 'canceled') return { kind: 'OPEN' }
  return { kind: 'DECLINED', reason: last?.message ?? 'The payment was cancelled.' }
}

/** Message for the buyer when Stripe permanently rejected the payment method; null for other errors. */
function declineReason(error: unknown): string | null {
  if (error instanceof Stripe.errors.StripeCardError) return error.message
  // Also returned when the payment was already confirmed; cancelling it then has no effect.
  return error instanceof Stripe.errors.StripeInvalidRequestError ? 'The payment was not accepted.' : null
}

/** Accepts both kinds of token from Stripe's forms: ConfirmationTokens and PaymentMethods. */
function paymentMethodParams(token: string): Stripe.PaymentIntentConfirmParams {
  return token.startsWith('ctoken_') ? { confirmation_token: token } : { payment_method: token }
}
