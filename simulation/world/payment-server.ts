import {
  PaymentProvider,
  type PaymentOrder,
  type PaymentOutcome,
  type ReturnedMoney,
} from '../../src/payments/providers/payment-provider.js'
import { PaymentProviders } from '../../src/payments/providers/payment-providers.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import type { Random } from '../../simulators/kit/index.js'
import type { Card, PaymentFault } from '../scenario/actions.js'
import type { ProcessSteps } from './steps.js'

/** A payment as the provider knows it. */
export interface Intent extends Pick<PaymentOrder, 'key' | 'amount' | 'currency'> {
  reference: string
  state: 'OPEN' | 'PROCESSING' | 'PAID' | 'CANCELLED'
  /** Null: not requested. */
  refund: 'PENDING' | 'SUCCEEDED' | null
}

interface ServerParts {
  time: VirtualTime
  random: Random
  trace: (line: string) => void
  /** Sends a notification; rejects unless the service has accepted it. */
  notify: (reference: string) => Promise<void>
}

/** How long a payment may be processed by the provider, ms. */
const PROCESSING_MS = 40_000
/** From the request of a refund until it is final. */
const REFUND_MS = 10_000
const NOTIFICATION_DELAY_MS = 3_000
const NOTIFICATION_RETRY_MS = 5_000
const DUPLICATE_SHARE = 0.2
/** Until a call of an unreachable provider fails, ms. */
const TIMEOUT_MS = 2_000

/**
 * The payment provider of a run: idempotent by key, with notifications that are repeated until they are accepted, and
 * sometimes after that.
 */
export class PaymentServer {
  private readonly intents = new Map<string, Intent>()
  private readonly references = new Map<string, string>()
  private faults: PaymentFault[] = []
  /** Grows with every change of a payment. */
  changes = 0

  constructor(private readonly parts: ServerParts) {}

  /** What one process reaches of it: each call is a step. */
  connect(steps: ProcessSteps): PaymentProviders {
    const call: Call = (name, work) => steps.run('platform', `payments ${name}`, () => this.call(work))
    return new PaymentProviders(new PaymentConnection(this, call))
  }

  all(): Iterable<Intent> {
    return this.intents.values()
  }

  /** The payment of a hold; undefined: it was never prepared. */
  byKey(key: string): Intent | undefined {
    return this.intents.get(this.references.get(key) ?? '')
  }

  /** From now on; returns the function that ends it. */
  begin(fault: PaymentFault): () => void {
    this.faults.push(fault)
    return () => void (this.faults = this.faults.filter((other) => other !== fault))
  }

  endAll(): void {
    this.faults = []
  }

  prepare({ key, amount, currency }: PaymentOrder): string {
    const known = this.references.get(key)
    if (known !== undefined) return known
    const reference = `intent_${key}`
    this.references.set(key, reference)
    this.intents.set(reference, { reference, key, amount, currency, state: 'OPEN', refund: null })
    return reference
  }

  charge(reference: string, token: string): PaymentOutcome {
    const intent = this.intentOf(reference)
    if (intent.state === 'OPEN') this.process(intent, token as Card)
    return outcomeOf(intent)
  }

  status(reference: string): PaymentOutcome {
    return outcomeOf(this.intentOf(reference))
  }

  cancel(reference: string): PaymentOutcome {
    const intent = this.intentOf(reference)
    if (intent.state === 'OPEN') this.settle(intent, 'CANCELLED')
    return outcomeOf(intent)
  }

  refund(reference: string): void {
    const intent = this.intentOf(reference)
    if (intent.state !== 'PAID') throw new Error(`${reference} is not paid`)
    if (intent.refund !== null) return
    intent.refund = 'PENDING'
    this.changed(intent, 'to be refunded')
    this.parts.time.after(REFUND_MS, () => {
      intent.refund = 'SUCCEEDED'
      this.changed(intent, 'refunded')
      this.notifySoon(intent.reference, 0)
    })
  }

  returns(reference: string): ReturnedMoney {
    const { refund, amount } = this.intentOf(reference)
    const refunded = refund === 'SUCCEEDED' ? amount : 0
    return { refunded, refundPending: refund === 'PENDING' ? amount : 0, failed: null, dispute: null }
  }

  private process(intent: Intent, card: Card): void {
    const { time, random } = this.parts
    const outcome = card === 'approve' || card === 'slow' ? 'PAID' : 'CANCELLED'
    if (card === 'approve' || card === 'decline') {
      this.settle(intent, outcome)
      return
    }
    intent.state = 'PROCESSING'
    this.changed(intent, 'processing')
    time.after(random.integer(0, PROCESSING_MS), () => this.settle(intent, outcome))
  }

  private settle(intent: Intent, state: 'PAID' | 'CANCELLED'): void {
    intent.state = state
    this.changed(intent, state.toLowerCase())
    this.notifySoon(intent.reference)
    if (this.parts.random.chance(DUPLICATE_SHARE)) this.notifySoon(intent.reference)
  }

  private notifySoon(reference: string, delayMs = this.parts.random.integer(0, NOTIFICATION_DELAY_MS)): void {
    this.parts.time.after(delayMs, () => {
      this.parts.notify(reference).catch(() => this.notifySoon(reference, NOTIFICATION_RETRY_MS))
    })
  }

  private async call<T>(work: () => T): Promise<T> {
    const { time, random } = this.parts
    const fault = this.faults[0]
    const fails = fault !== undefined && random.next() < fault.share
    const result = fails && fault.what === 'unreachable' ? null : work()
    if (!fails) return result as T
    await time.sleep(TIMEOUT_MS)
    throw new Error('The payment provider does not respond.')
  }

  private intentOf(reference: string): Intent {
    const intent = this.intents.get(reference)
    if (!intent) throw new Error(`there is no payment ${reference}`)
    return intent
  }

  private changed({ reference }: Intent, what: string): void {
    this.changes += 1
    this.parts.trace(`payment ${reference} is ${what}`)
  }
}

function outcomeOf({ state }: Intent): PaymentOutcome {
  if (state === 'PAID') return { kind: 'PAID' }
  return state === 'CANCELLED' ? { kind: 'DECLINED', reason: 'The payment was not accepted.' } : { kind: 'OPEN' }
}

type Call = <T>(name: string, work: () => T) => Promise<T>

class PaymentConnection extends PaymentProvider {
  override readonly name = 'simulated'

  constructor(
    private readonly server: PaymentServer,
    private readonly call: Call,
  ) {
    super()
  }

  override prepare(order: PaymentOrder): Promise<string> {
    return this.call('prepare', () => this.server.prepare(order))
  }

  override charge({ reference }: { reference: string }, token: string): Promise<PaymentOutcome> {
    return this.call('charge', () => this.server.charge(reference, token))
  }

  override status({ reference }: { reference: string }): Promise<PaymentOutcome> {
    return this.call('status', () => this.server.status(reference))
  }

  override cancel({ reference }: { reference: string }): Promise<PaymentOutcome> {
    return this.call('cancel', () => this.server.cancel(reference))
  }

  override refund({ reference }: { reference: string }): Promise<void> {
    return this.call('refund', () => this.server.refund(reference))
  }

  override returns({ reference }: { reference: string }): Promise<ReturnedMoney> {
    return this.call('returns', () => this.server.returns(reference))
  }
}
