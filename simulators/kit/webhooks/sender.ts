import { request } from 'node:http'
import type { Clock } from '../clock.js'
import { Deliveries, type BuildRequest, type WebhookRequest } from './deliveries.js'
import type { Knobs } from '../faults/knobs.js'
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
    private readonly ports: { knobs: Knobs; random: Random; clock: Clock },
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
      return
    }
    const reorderMs = random.chance(webhookReorder) ? random.integer(REORDER_MS / 5, REORDER_MS) : 0
    const delayMs = afterMs + webhookDelayMs + reorderMs
    const queue = (ms: number) =>
      this.deliveries.add({ url: subscription.url, build }, () => this.start(subscription, url, build, ms))
    queue(delayMs)
    if (!random.chance(webhookDuplicate)) return
    this.counts.duplicated += 1
    queue(delayMs + random.integer(0, DUPLICATE_MS))
  }

  private start(subscription: Subscription, url: URL, build: BuildRequest, delayMs: number): void {
    const started = this.tasks.start(async (signal) => {
      await this.ports.clock.sleep(delayMs, signal)
      await this.deliver(subscription, url, build, signal)
    })
    if (!started) this.counts.refused += 1
  }

  private async deliver(subscription: Subscription, url: URL, build: BuildRequest, signal: AbortSignal): Promise<void> {
    const { retryDelaysMs } = this.policy
    for (let attempt = 1; !signal.aborted; attempt++) {
      const status = await this.attempt(url, build, attempt, signal)
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
    this.events.exhausted?.(subscription)
  }

  /** The status, or 0 without a response. */
  private async attempt(url: URL, build: BuildRequest, attempt: number, signal: AbortSignal): Promise<number> {
    if (this.inFlight < this.policy.concurrency) this.inFlight += 1
    else await new Promise<void>((resolve) => this.queue.push(resolve))
    try {
      if (signal.aborted) return 0
      this.counts.attempts += 1
      return await post(url, build(attempt, this.ports.clock.now()), this.policy.timeoutMs, signal)
    } finally {
      const next = this.queue.shift()
      if (next) next()
      else this.inFlight -= 1
    }
  }
}

/** A new connection for each request: platforms deliver from several source ports. */
function post(url: URL, { headers, body }: WebhookRequest, timeoutMs: number, stop: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)])
    const outgoing = request(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { 'content-type': 'application/json', ...headers, 'content-length': String(Buffer.byteLength(body)) },
    })
    outgoing.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.on('error', () => resolve(0))
    outgoing.end(body)
  })
}
