import { withTimeout, type Clock } from '../clock.js'
import { Deliveries, type BuildRequest, type WebhookRequest } from './deliveries.js'
import type { Knobs } from '../faults/knobs.js'
import { postOverHttp, type PostWebhook } from './post.js'
import type { Random } from '../random.js'
import { BackgroundTasks } from '../tasks.js'

export interface Subscription {
  id: string
  /** On loopback only: a simulator sends nothing to other hosts. */
  url: string
}

export interface SenderPolicy {
  timeoutMs: number
  /** The delay before each retry, ms; one retry per entry. */
  retryDelaysMs: readonly number[]
  /** Largest number of requests in flight. */
  concurrency: number
}

export interface SenderEvents {
  /** 410: the receiver unsubscribed. */
  gone?: (subscription: Subscription) => void
  /** The last retry failed too. */
  exhausted?: (subscription: Subscription) => void
}

export interface SenderPorts {
  knobs: Knobs
  random: Random
  clock: Clock
  /** Default: over HTTP. */
  post?: PostWebhook | undefined
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** A reordered delivery is delayed by at most this, ms: long enough for others to overtake it. */
const REORDER_MS = 1_500
const DUPLICATE_MS = 500

/** Sends webhooks as a platform does: at least once, out of order, and sometimes not at all. */
export class WebhookSender {
  readonly tasks = new BackgroundTasks()
  readonly deliveries: Deliveries
  readonly counts = { queued: 0, lost: 0, duplicated: 0, refused: 0, attempts: 0, delivered: 0, failed: 0, gone: 0 }
  private inFlight = 0
  private readonly queue: (() => void)[] = []

  constructor(
    private readonly ports: SenderPorts,
    private policy: SenderPolicy,
    private readonly events: SenderEvents = {},
  ) {
    this.deliveries = new Deliveries(() => ports.clock.now())
  }

  setPolicy(policy: Partial<SenderPolicy>): void {
    this.policy = { ...this.policy, ...policy }
  }

  /** Queues one delivery, `afterMs` from now at the earliest. @throws Error for an address outside this machine */
  send(subscription: Subscription, build: BuildRequest, afterMs = 0): void {
    const url = new URL(subscription.url)
    if (url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) {
      throw new Error(`webhook URLs must be http on loopback only, not ${url.origin}`)
    }
    const { knobs, random } = this.ports
    const { webhookLoss, webhookDuplicate, webhookReorder, webhookDelayMs } = knobs.current
    this.counts.queued += 1
    if (random.chance(webhookLoss)) {
      this.counts.lost += 1
      this.deliveries.lost += 1
      return
    }
    const reorderMs = random.chance(webhookReorder) ? random.integer(REORDER_MS / 5, REORDER_MS) : 0
    const delayMs = afterMs + webhookDelayMs + reorderMs
    const queue = (ms: number) =>
      this.deliveries.add({ url: subscription.url, build }, () => this.start(subscription, build, ms))
    queue(delayMs)
    if (!random.chance(webhookDuplicate)) return
    this.counts.duplicated += 1
    queue(delayMs + random.integer(0, DUPLICATE_MS))
  }

  private start(subscription: Subscription, build: BuildRequest, delayMs: number): void {
    const started = this.tasks.start(async (signal) => {
      await this.ports.clock.sleep(delayMs, signal)
      await this.deliver(subscription, build, signal)
    })
    if (!started) this.counts.refused += 1
  }

  private async deliver(subscription: Subscription, build: BuildRequest, signal: AbortSignal): Promise<void> {
    const { retryDelaysMs } = this.policy
    for (let attempt = 1; !signal.aborted; attempt++) {
      const status = await this.attempt(subscription, build, attempt, signal)
      if (status >= 200 && status < 300) {
        this.counts.delivered += 1
        return
      }
      if (status === 410) {
        this.counts.gone += 1
        this.events.gone?.(subscription)
        return
      }
      const delay = retryDelaysMs[attempt - 1]
      if (delay === undefined) break
      await this.ports.clock.sleep(delay, signal)
    }
    if (signal.aborted) return
    this.counts.failed += 1
    this.deliveries.lost += 1
    this.events.exhausted?.(subscription)
  }

  /** The status, or 0 without a response. */
  private async attempt(
    { url }: Subscription,
    build: BuildRequest,
    attempt: number,
    signal: AbortSignal,
  ): Promise<number> {
    if (this.inFlight < this.policy.concurrency) this.inFlight += 1
    else await new Promise<void>((resolve) => this.queue.push(resolve))
    try {
      if (signal.aborted) return 0
      this.counts.attempts += 1
      const request = build(attempt, this.ports.clock.now())
      return await this.post(url, request, this.policy.timeoutMs, signal)
    } finally {
      const next = this.queue.shift()
      if (next) next()
      else this.inFlight -= 1
    }
  }

  /** One request, now; the status, or 0 without a response in time. */
  post(url: string, { headers, body }: WebhookRequest, timeoutMs: number, stop?: AbortSignal): Promise<number> {
    const { clock, post = postOverHttp } = this.ports
    const webhook = { url, body, headers: { 'content-type': 'application/json', ...headers } }
    return withTimeout({ clock, ms: timeoutMs, stop }, (signal) => unlessAborted(signal, post(webhook, signal)))
  }
}

/** 0 once the signal aborts, whatever the receiver does. */
function unlessAborted(signal: AbortSignal, status: Promise<number>): Promise<number> {
  const aborted = new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(0), { once: true }))
  return Promise.race([status, aborted])
}
