import { Stripe } from 'stripe'
import {
  PaymentProvider,
  PaymentRefused,
  type PaymentOrder,
  type PaymentOutcome,
  type PreparedPayment,
} from './payment-provider.js'

/** Of one call. A lease on a payment outlasts the calls that one step makes. */
const ANSWER_WITHIN_MS = 15_000
/** What Stripe keeps of a description. */
const MAX_DESCRIPTION = 500

/**
 * Payments by Stripe. A PaymentIntent is made and noted before it is confirmed, so that whatever is lost on the way is
 * asked for by its id, also when Stripe has forgotten the idempotency keys after a day.
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
      timeout: ANSWER_WITHIN_MS,
      // Repeating is up to the payment's own schedule.
      maxNetworkRetries: 0,
      telemetry: false,
    })
  }

  override async prepare({ key, amount, currency, description, notes }: PaymentOrder): Promise<string> {
    const params: Stripe.PaymentIntentCreateParams = {
      amount,
      currency: currency.toLowerCase(),
      description: description.slice(0, MAX_DESCRIPTION),
      metadata: notes,
      // Nobody is there to be sent to another page.
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    }
    try {
      const { id } = await this.stripe.paymentIntents.create(params, { idempotencyKey: `${key}:prepare` })
      return id
    } catch (error) {
      const reason = refusal(error)
      throw reason === null ? error : new PaymentRefused(reason, { cause: error })
    }
  }

  override async charge(payment: PreparedPayment, token: string): Promise<PaymentOutcome> {
    const { key, reference } = payment
    try {
      const params = { ...methodOf(token), error_on_requires_action: true }
      const intent = await this.stripe.paymentIntents.confirm(reference, params, { idempotencyKey: `${key}:charge` })
      if (intent.status === 'requires_action') return await this.cancel(payment)
      // The answer to a repeated key is as old as the first one.
      return intent.status === 'succeeded' ? { kind: 'PAID' } : await this.status(payment)
    } catch (error) {
      const reason = refusal(error)
      if (reason === null) throw error
      const outcome = await this.cancel(payment)
      return outcome.kind === 'DECLINED' ? { ...outcome, reason } : outcome
    }
  }

  override async status({ reference }: PreparedPayment): Promise<PaymentOutcome> {
    return outcomeOf(await this.stripe.paymentIntents.retrieve(reference))
  }

  override async cancel(payment: PreparedPayment): Promise<PaymentOutcome> {
    try {
      return outcomeOf(await this.stripe.paymentIntents.cancel(payment.reference))
    } catch (error) {
      // It is paid, on its way, or cancelled before.
      if (error instanceof Stripe.errors.StripeInvalidRequestError) return this.status(payment)
      throw error
    }
  }

  override async refund({ key, reference }: PreparedPayment): Promise<void> {
    try {
      const refund = await this.stripe.refunds.create(
        { payment_intent: reference },
        { idempotencyKey: `${key}:refund` },
      )
      if (refund.status === 'failed' || refund.status === 'canceled') throw new Error(`the refund is ${refund.status}`)
    } catch (error) {
      const done = error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'charge_already_refunded'
      if (!done) throw error
    }
  }
}

function outcomeOf({ status, last_payment_error: last }: Stripe.PaymentIntent): PaymentOutcome {
  if (status === 'succeeded') return { kind: 'PAID' }
  if (status !== 'canceled') return { kind: 'OPEN' }
  return { kind: 'DECLINED', reason: last?.message ?? 'The payment was cancelled.' }
}

/** In words for the buyer, when Stripe said no for good to this way of paying; null: nobody said so. */
function refusal(error: unknown): string | null {
  if (error instanceof Stripe.errors.StripeCardError) return error.message
  // Also when it was confirmed before, in which case it is not cancelled.
  return error instanceof Stripe.errors.StripeInvalidRequestError ? 'The payment was not accepted.' : null
}

/** Tokens of Stripe's own forms: ConfirmationTokens and PaymentMethods. */
function methodOf(token: string): Stripe.PaymentIntentConfirmParams {
  return token.startsWith('ctoken_') ? { confirmation_token: token } : { payment_method: token }
}
