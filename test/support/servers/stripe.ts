import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type IntentStatus = 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled'

export interface Intent {
  id: string
  object: 'payment_intent'
  amount: number
  currency: string
  status: IntentStatus
  metadata: Record<string, string>
  last_payment_error: { type: string; code: string; message: string } | null
  client_secret: string
  next_action: { type: 'use_stripe_sdk' } | null
}

export interface Refund {
  id: string
  object: 'refund'
  payment_intent: string
  amount: number
  status: 'pending' | 'succeeded' | 'failed'
  failure_reason: string | null
}

export interface Dispute {
  id: string
  object: 'dispute'
  payment_intent: string
  amount: number
  status: 'needs_response' | 'under_review' | 'won' | 'lost'
}

/** `lost`: applied, but the response never arrives. `refused`: not applied, the connection breaks. */
type Fault = 'lost' | 'refused'

interface Reply {
  status: number
  body: object
}

/** Payment methods that are declined, named like Stripe's test cards. */
const DECLINES: Record<string, string> = {
  pm_card_chargeDeclined: 'card_declined',
}
export const SLOW_METHOD = 'pm_slow'
/** The buyer has to authenticate it: 3-D Secure. */
export const AUTHENTICATED_METHOD = 'pm_card_authenticationRequired'

/**
 * The part of Stripe's API that payments use, as Stripe's library sends and expects it: PaymentIntents with their
 * states, refunds, idempotency keys, signed webhooks. Records every movement of money.
 */
export class StripeServer {
  readonly secretKey = `sk_test_${randomBytes(12).toString('hex')}`
  readonly webhookSecret = `whsec_${randomBytes(12).toString('hex')}`
  readonly intents = new Map<string, Intent>()
  /** Ids of intents, once per movement of money. */
  readonly charged: string[] = []
  readonly refunded: string[] = []
  /** Newest first. */
  readonly refunds: Refund[] = []
  readonly disputes: Dispute[] = []
  /** Whether the key may read disputes: restricted keys may not. */
  disputesReadable = true
  /** The status of refunds when they are created. */
  refundStatus: Refund['status'] = 'succeeded'
  /** Of a payment, in the smallest unit of its currency. */
  minAmount = 50
  readonly publishableKey = `pk_test_${randomBytes(12).toString('hex')}`
  url = ''
  private readonly faults: { path: RegExp; fault: Fault }[] = []
  private readonly keys = new Map<string, { request: string; reply: Reply }>()
  private readonly server = createServer((request, response) => void this.serve(request, response))

  static async start(): Promise<StripeServer> {
    const stripe = new StripeServer()
    stripe.server.listen(0, '127.0.0.1')
    await once(stripe.server, 'listening')
    stripe.url = `http://127.0.0.1:${(stripe.server.address() as AddressInfo).port}`
    return stripe
  }

  get env(): Record<string, string> {
    return {
      STRIPE_SECRET_KEY: this.secretKey,
      STRIPE_PUBLISHABLE_KEY: this.publishableKey,
      STRIPE_WEBHOOK_SECRET: this.webhookSecret,
      STRIPE_API_URL: this.url,
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  /** The next call that matches `path` fails. */
  failNext(path: RegExp, fault: Fault): void {
    this.faults.push({ path, fault })
  }

  /** Forgets all idempotency keys, as Stripe does after a day. */
  forgetKeys(): void {
    this.keys.clear()
  }

  intentOf(holdId: string): Intent {
    const found = [...this.intents.values()].filter(({ metadata }) => metadata['holdId'] === holdId)
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} intents of ${holdId}`)
    return found[0]
  }

  /** Completes an intent that was processing. */
  completeProcessing(intent: Intent, status: 'succeeded' | 'requires_payment_method'): void {
    intent.status = status
    if (status === 'succeeded') this.charged.push(intent.id)
  }

  /** As Stripe's library with the page of the buyer, whose bank accepts or rejects. */
  authenticate(clientSecret: string, accepted: boolean): Intent {
    const intent = [...this.intents.values()].find((other) => other.client_secret === clientSecret)
    if (intent?.status !== 'requires_action') throw new Error(`nothing to authenticate: ${intent?.status}`)
    intent.next_action = null
    intent.status = accepted ? 'succeeded' : 'requires_payment_method'
    if (accepted) this.charged.push(intent.id)
    else intent.last_payment_error = cardError('payment_intent_authentication_failure')
    return intent
  }

  /** As in Stripe's dashboard. */
  refundInDashboard(intent: Intent, amount = intent.amount, status: Refund['status'] = 'succeeded'): Refund {
    const id = `re_${randomBytes(8).toString('hex')}`
    const refund: Refund = { id, object: 'refund', payment_intent: intent.id, amount, status, failure_reason: null }
    this.refunds.unshift(refund)
    if (status === 'succeeded') this.refunded.push(intent.id)
    return refund
  }

  settleRefund(refund: Refund, status: 'succeeded' | 'failed'): void {
    refund.status = status
    if (status === 'succeeded') this.refunded.push(refund.payment_intent)
    else refund.failure_reason = 'lost_or_stolen_card'
  }

  dispute(intent: Intent): Dispute {
    const id = `du_${randomBytes(8).toString('hex')}`
    const { amount } = intent
    const dispute: Dispute = { id, object: 'dispute', payment_intent: intent.id, amount, status: 'needs_response' }
    this.disputes.unshift(dispute)
    return dispute
  }

  /** A webhook delivery about a charge, a refund or a dispute. */
  deliveryOf(type: string, object: object): { body: string; signature: string } {
    const id = `evt_${randomBytes(8).toString('hex')}`
    const body = JSON.stringify({ id, object: 'event', type, data: { object } })
    return { body, signature: this.sign(body) }
  }

  /** A webhook delivery as Stripe sends it, with the intent in its current or the given state. */
  delivery(
    type: string,
    intent: Intent,
    { at = Date.now(), secret = this.webhookSecret, status = intent.status } = {},
  ) {
    const id = `evt_${randomBytes(8).toString('hex')}`
    const body = JSON.stringify({ id, object: 'event', type, data: { object: { ...intent, status } } })
    return { body, signature: this.sign(body, at, secret) }
  }

  sign(body: string, at = Date.now(), secret = this.webhookSecret): string {
    const t = Math.floor(at / 1_000)
    return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    const body = new URLSearchParams(await text(request))
    const index = this.faults.findIndex((fault) => fault.path.test(`${request.method} ${path}`))
    const [fault] = index < 0 ? [] : this.faults.splice(index, 1)
    if (fault?.fault === 'refused') return void request.socket.destroy()
    const reply = this.replyTo(request, path, body)
    if (fault?.fault === 'lost') return void request.socket.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json', 'request-id': 'req_test' })
    response.end(JSON.stringify(reply.body))
  }

  private replyTo({ method, headers }: IncomingMessage, path: string, body: URLSearchParams): Reply {
    if (headers.authorization !== `Bearer ${this.secretKey}`) return problem(401, 'invalid_request_error', 'bad_key')
    const key = headers['idempotency-key']
    const request = `${path} ${body.toString()}`
    const known = typeof key === 'string' ? this.keys.get(key) : undefined
    if (known) return known.request === request ? known.reply : problem(400, 'idempotency_error', 'other_request')
    const reply = this.execute(method ?? '', path, body)
    if (typeof key === 'string') this.keys.set(key, { request, reply: structuredClone(reply) })
    return reply
  }

  private execute(method: string, path: string, body: URLSearchParams): Reply {
    if (method === 'POST' && path === '/v1/payment_intents') return this.create(body)
    if (method === 'POST' && path === '/v1/refunds') return this.refund(body.get('payment_intent') ?? '')
    if (method === 'GET' && path.startsWith('/v1/refunds?')) return listOf(this.refunds, path)
    if (method === 'GET' && path.startsWith('/v1/disputes?') && !this.disputesReadable)
      return problem(403, 'invalid_request_error', 'more_permissions_required')
    if (method === 'GET' && path.startsWith('/v1/disputes?')) return listOf(this.disputes, path)
    const [, id = '', action = ''] = /^\/v1\/payment_intents\/(\w+)(?:\/(\w+))?$/.exec(path) ?? []
    const intent = this.intents.get(id)
    if (!intent) return problem(404, 'invalid_request_error', 'resource_missing')
    if (method === 'GET') return ok(intent)
    const isOpen =
      intent.status === 'requires_payment_method' || (action === 'cancel' && intent.status === 'requires_action')
    if (!isOpen) {
      return problem(400, 'invalid_request_error', 'payment_intent_unexpected_state')
    }
    if (action === 'confirm') return this.confirm(intent, body)
    intent.status = 'canceled'
    return ok(intent)
  }

  private create(body: URLSearchParams): Reply {
    const amount = Number(body.get('amount'))
    if (!Number.isInteger(amount) || amount < this.minAmount)
      return problem(400, 'invalid_request_error', 'amount_too_small')
    const metadata = [...body].flatMap(([name, value]) => {
      const [, key] = /^metadata\[(\w+)\]$/.exec(name) ?? []
      return key === undefined ? [] : [[key, value] as const]
    })
    const id = `pi_${randomBytes(8).toString('hex')}`
    const intent: Intent = {
      id,
      object: 'payment_intent',
      amount,
      currency: body.get('currency') ?? '',
      status: 'requires_payment_method',
      metadata: Object.fromEntries(metadata),
      last_payment_error: null,
      client_secret: `${id}_secret_${randomBytes(8).toString('hex')}`,
      next_action: null,
    }
    this.intents.set(intent.id, intent)
    return ok(intent)
  }

  private confirm(intent: Intent, body: URLSearchParams): Reply {
    const paymentMethod = body.get('payment_method') ?? ''
    const code = DECLINES[paymentMethod]
    if (code) {
      intent.last_payment_error = cardError(code)
      return { status: 402, body: { error: { ...intent.last_payment_error, payment_intent: intent } } }
    }
    if (!paymentMethod.startsWith('pm_')) return problem(400, 'invalid_request_error', 'resource_missing')
    if (paymentMethod === AUTHENTICATED_METHOD) {
      if (body.get('use_stripe_sdk') !== 'true') return problem(400, 'invalid_request_error', 'return_url_missing')
      intent.status = 'requires_action'
      intent.next_action = { type: 'use_stripe_sdk' }
      return ok(intent)
    }
    intent.status = paymentMethod === SLOW_METHOD ? 'processing' : 'succeeded'
    if (intent.status === 'succeeded') this.charged.push(intent.id)
    return ok(intent)
  }

  private refund(id: string): Reply {
    const intent = this.intents.get(id)
    if (!intent || !this.charged.includes(id)) return problem(400, 'invalid_request_error', 'charge_missing')
    const own = this.refunds.filter((refund) => refund.payment_intent === id && refund.status !== 'failed')
    const rest = intent.amount - own.reduce((sum, { amount }) => sum + amount, 0)
    if (rest <= 0) return problem(400, 'invalid_request_error', 'charge_already_refunded')
    return ok(this.refundInDashboard(intent, rest, this.refundStatus))
  }
}

function listOf(all: readonly { payment_intent: string }[], path: string): Reply {
  const id = new URL(path, 'http://stripe').searchParams.get('payment_intent')
  const data = all.filter((item) => item.payment_intent === id)
  return ok({ object: 'list', data, has_more: false, url: path })
}

function cardError(code: string): { type: string; code: string; message: string } {
  return { type: 'card_error', code, message: `Your card was declined (${code}).` }
}

function ok(body: object): Reply {
  return { status: 200, body: structuredClone(body) }
}

function problem(status: number, type: string, code: string): Reply {
  return { status, body: { error: { type, code, message: `refused: ${code}` } } }
}
