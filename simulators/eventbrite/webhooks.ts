import type { WebhookSender } from '../kit/index.js'
import { badArgument, notFound } from './errors.js'
import type { Attendee, Order, SimulatedEvent, Webhook } from './state/model.js'
import type { EventbriteState } from './state/state.js'

/** Base of the URLs in responses and deliveries: the real one, independent of this server's address. */
export const PUBLIC_BASE = 'https://www.eventbriteapi.com/v3'

/** Publishes changes to the subscribers. */
export interface ChangePublisher {
  orderPlaced(order: Order, attendees: Attendee[]): void
  orderUpdated(order: Order, attendees: Attendee[], refunded: boolean): void
  checkedIn(attendees: Attendee[], checkedIn: boolean): void
  eventUpdated(event: SimulatedEvent, classId: string | null): void
}

export const ACTIONS = [
  'attendee.updated',
  'attendee.checked_in',
  'attendee.checked_out',
  'event.created',
  'event.published',
  'event.unpublished',
  'event.updated',
  'order.placed',
  'order.refunded',
  'order.updated',
  'organizer.updated',
  'ticket_class.created',
  'ticket_class.updated',
  'ticket_class.deleted',
  'venue.updated',
]

/** Delays of the deliveries of one purchase, as captured from a real one: "updated" precedes "placed". */
const SPACING_MS = { updatedFirst: 0, placed: 30, attendees: 350, updatedAgain: 1_100 }
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** The webhook subscriptions and their deliveries, which are not signed. */
export class Webhooks implements ChangePublisher {
  readonly subscriptions = new Map<string, Webhook>()

  /** `pace`: 1 uses the captured spacing, 0 sends all at once. */
  constructor(
    private readonly state: EventbriteState,
    private readonly sender: WebhookSender,
    private readonly pace: number,
  ) {}

  /** @throws Rejection for an address outside this machine, for no action or an unknown one */
  add(organizationId: string, url: string, actions: string[], eventId: string | null): Webhook {
    if (!isLoopback(url)) throw badArgument('endpoint_url')
    if (actions.length === 0 || actions.some((action) => !ACTIONS.includes(action))) throw badArgument('actions')
    const id = this.state.ids.next('webhook')
    const webhook = { id, organizationId, eventId, url, actions, created: this.state.platformNow(), failures: 0 }
    this.subscriptions.set(id, webhook)
    return webhook
  }

  remove(id: string): void {
    if (!this.subscriptions.delete(id)) throw notFound('webhook')
  }

  /** The test button; the URL in its delivery contains literal braces. */
  test(id: string): void {
    const webhook = this.subscriptions.get(id)
    if (webhook === undefined) throw notFound('webhook')
    this.send(webhook, 'test', `${PUBLIC_BASE}/{api-endpoint-to-fetch-object-details}`, 0)
  }

  orderPlaced(order: Order, attendees: Attendee[]): void {
    const address = orderAddress(order)
    this.emit(order.eventId, 'order.updated', address, SPACING_MS.updatedFirst)
    this.emit(order.eventId, 'order.placed', address, SPACING_MS.placed)
    for (const attendee of this.state.ports.random.shuffle(attendees)) {
      this.emit(order.eventId, 'attendee.updated', attendeeAddress(attendee), SPACING_MS.attendees)
    }
    this.emit(order.eventId, 'order.updated', address, SPACING_MS.updatedAgain)
  }

  orderUpdated(order: Order, attendees: Attendee[], refunded: boolean): void {
    const address = orderAddress(order)
    if (refunded) this.emit(order.eventId, 'order.refunded', address, SPACING_MS.updatedFirst)
    this.emit(order.eventId, 'order.updated', address, SPACING_MS.placed)
    for (const attendee of attendees) {
      this.emit(order.eventId, 'attendee.updated', attendeeAddress(attendee), SPACING_MS.attendees)
    }
  }

  checkedIn(attendees: Attendee[], checkedIn: boolean): void {
    const action = checkedIn ? 'attendee.checked_in' : 'attendee.checked_out'
    for (const attendee of attendees)
      this.emit(attendee.eventId, action, attendeeAddress(attendee), SPACING_MS.attendees)
  }

  eventUpdated(event: SimulatedEvent, classId: string | null): void {
    const address = `${PUBLIC_BASE}/events/${event.id}/`
    if (classId === null) this.emit(event.id, 'event.updated', address, 0)
    else this.emit(event.id, 'ticket_class.updated', `${address}ticket_classes/${classId}/`, 0)
  }

  /** A delivery failed permanently. */
  countFailure(id: string): void {
    const webhook = this.subscriptions.get(id)
    const limit = this.state.ports.toggles.current.disableAfterFailures
    if (webhook === undefined) return
    webhook.failures += 1
    if (limit > 0 && webhook.failures >= limit) this.subscriptions.delete(id)
  }

  private emit(eventId: string, action: string, address: string, afterMs: number): void {
    const { organizationId } = this.state.event(eventId)
    for (const webhook of this.subscriptions.values()) {
      const matchesEvent = webhook.eventId === null || webhook.eventId === eventId
      if (!matchesEvent || webhook.organizationId !== organizationId || !webhook.actions.includes(action)) continue
      this.send(webhook, action, address, afterMs * this.pace)
    }
  }

  private send(webhook: Webhook, action: string, address: string, afterMs: number): void {
    const { webhookTimeoutMs, webhookRetries, webhookRetryBaseMs } = this.state.ports.toggles.current
    const retryDelaysMs = Array.from({ length: webhookRetries }, (_, n) => webhookRetryBaseMs * 2 ** n)
    this.sender.setPolicy({ timeoutMs: webhookTimeoutMs, retryDelaysMs })
    const { id, url, organizationId } = webhook
    const config = { action, user_id: organizationId, endpoint_url: url, webhook_id: id }
    const headers = {
      accept: 'text/plain',
      'user-agent': 'Eventbrite Webhooks (Dilithium)',
      'x-eventbrite-event': action,
      // The id of the subscription, not of the delivery, as on the real platform.
      'x-eventbrite-delivery': id,
    }
    this.sender.send({ id, url }, () => ({ headers, body: JSON.stringify({ config, api_url: address }) }), afterMs)
  }
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:' && LOOPBACK.has(new URL(url).hostname)
}

function orderAddress({ id }: Order): string {
  return `${PUBLIC_BASE}/orders/${id}/`
}

function attendeeAddress({ id, eventId }: Attendee): string {
  return `${PUBLIC_BASE}/events/${eventId}/attendees/${id}/`
}
