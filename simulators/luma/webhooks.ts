import { createHmac } from 'node:crypto'
import { WebhookSender, type SenderPolicy, type SenderPorts } from '../kit/index.js'
import type { Ids } from './state/ids.js'
import type { Guest, LumaEvent, Webhook, WEBHOOK_TYPES } from './state/model.js'
import type { LumaToggles, Toggles } from './toggles.js'
import { eventWebhookView, guestWithOrdersView, renameIds, ticketView } from './api/views.js'

type NotificationType = (typeof WEBHOOK_TYPES)[number]

interface Notification {
  type: NotificationType
  data: Record<string, unknown>
}

/** 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h: Luma's own schedule is not published. */
export const LUMA_SENDER: SenderPolicy = {
  timeoutMs: 10_000,
  retryDelaysMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000],
  concurrency: 20,
}

/** Deliveries of one change are sent within this, in any order. */
const SPREAD_MS = 30
/** How long after a cancellation a stale update may follow. */
const STALE_MS = 300

export interface WebhookPorts extends SenderPorts {
  webhooks: ReadonlyMap<string, Webhook>
  toggles: Toggles
  ids: Ids
}

/** Sends changes to the subscribers, in bodies with the state at the time of the change. */
export class Webhooks {
  readonly sender: WebhookSender

  constructor(
    private readonly ports: WebhookPorts,
    policy: Partial<SenderPolicy> = {},
  ) {
    this.sender = new WebhookSender(
      ports,
      { ...LUMA_SENDER, ...policy },
      {
        gone: ({ id }) => this.pause(id),
        exhausted: ({ id }) => this.countFailure(id),
      },
    )
  }

  /** Sends `guest.registered`, `guest.updated` and one `ticket.registered` per ticket. */
  guestRegistered(event: LumaEvent, guest: Guest): void {
    const data = guestData(event, guest)
    const tickets = guest.status === 'approved' ? guest.tickets : []
    const notifications: Notification[] = [
      { type: 'guest.registered', data },
      { type: 'guest.updated', data },
      ...tickets.map((ticket): Notification => ({
        type: 'ticket.registered',
        data: { ...data, event_ticket: ticketView(ticket) },
      })),
    ]
    for (const notification of this.ports.random.shuffle(notifications)) {
      this.publish(notification, this.ports.random.integer(0, SPREAD_MS))
    }
  }

  guestUpdated(event: LumaEvent, guest: Guest): void {
    this.publish({ type: 'guest.updated', data: guestData(event, guest) })
  }

  eventUpdated(event: LumaEvent): void {
    this.publish({ type: 'event.updated', data: eventWebhookView(event) })
  }

  eventCanceled(event: LumaEvent): void {
    this.publish({ type: 'event.canceled', data: eventWebhookView(event) })
    if (!this.ports.random.chance(this.ports.knobs.current.webhookReorder)) return
    this.publish({ type: 'event.updated', data: eventWebhookView(event) }, STALE_MS)
  }

  private publish({ type, data }: Notification, afterMs = 0): void {
    const { webhooks, toggles, ids } = this.ports
    const body = JSON.stringify({ type, data: renameIds(data, toggles.current.idNames) })
    for (const webhook of webhooks.values()) {
      const subscribed = webhook.eventTypes.includes('*') || webhook.eventTypes.includes(type)
      if (webhook.status === 'active' && subscribed) this.deliver(webhook, ids.next('delivery'), body, afterMs)
    }
  }

  private deliver(webhook: Webhook, id: string, body: string, afterMs: number): void {
    const { toggles, knobs } = this.ports
    this.sender.send(
      webhook,
      (_attempt, sentAt) => {
        const at = sentAt + knobs.current.clockSkewMs
        return { headers: signedHeaders(toggles.current.signatureStyle, webhook.secrets, { id, at, body }), body }
      },
      afterMs,
    )
  }

  private pause(id: string): void {
    const webhook = this.ports.webhooks.get(id)
    if (webhook) webhook.status = 'paused'
  }

  private countFailure(id: string): void {
    const webhook = this.ports.webhooks.get(id)
    if (!webhook) return
    webhook.failuresInARow += 1
    const { autoPauseAfterFailures: limit } = this.ports.toggles.current
    if (limit > 0 && webhook.failuresInARow >= limit) this.pause(id)
  }
}

function guestData(event: LumaEvent, guest: Guest): Record<string, unknown> {
  const json = guestWithOrdersView(guest, event.id)
  return { ...json, custom_source: null, event: eventWebhookView(event) }
}

/** The headers of one attempt: the id is the same for every retry, time and signature are new. `at` is in ms. */
export function signedHeaders(
  style: LumaToggles['signatureStyle'],
  secrets: readonly string[],
  delivery: { id: string; at: number; body: string },
): Record<string, string> {
  const { id, at, body } = delivery
  const timestamp = Math.floor(at / 1_000)
  const headers = { 'Webhook-Id': id, 'Webhook-Timestamp': String(timestamp) }
  if (style === 'none') return headers
  if (style === 'luma') {
    const signatures = secrets.map((secret) => `v1=${hmac(secret, `${timestamp}.${body}`).toString('hex')}`)
    return { ...headers, 'Webhook-Signature': [`t=${timestamp}`, ...signatures].join(',') }
  }
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${hmac(key, `${id}.${timestamp}.${body}`).toString('base64')}`
  })
  return { ...headers, 'Webhook-Signature': signatures.join(' ') }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
